import { hashAt } from "../state/chain.js";
import { clusterStatus } from "../state/cluster.js";
import { chainHeads, shortHash } from "../words/chain-heads.js";
import { Chip } from "./chip.js";

/** Each server's chain in a word: how long, its last hash, and whether it is the others'. */
export function ChainHeads() {
  const status = clusterStatus.value;
  if (status === null) return null;
  return (
    <ul class="heads" aria-label="The chain of each server">
      {chainHeads(status, hashAt).map(({ node, height, hash, kind, word }) => (
        <li key={node}>
          <b>{node}</b>
          <Chip kind={kind} word={word} />
          <span class="quiet">
            {height === null ? "" : `height ${height}, `}
            {height === null ? null : <code {...(hash === null ? {} : { title: hash })}>{shortHash(hash)}</code>}
          </span>
        </li>
      ))}
    </ul>
  );
}
