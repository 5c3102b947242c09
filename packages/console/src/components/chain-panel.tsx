import { useEffect } from "preact/hooks";
import { blocks, chainHeight, chainTrouble, followChain, MOST_KEPT, showOlder, tentative } from "../state/chain.js";
import { BlockCard, TentativeCard } from "./block-card.js";
import { ChainHeads } from "./chain-heads.js";
import { ChainVerification, VerifyButton } from "./chain-verification.js";
import { Panel } from "./panel.js";
import { Problem } from "./problem.js";
import { ScrollBox } from "./scroll-box.js";

/** The chain as this page's server has it, the newest block first, and how the other servers' are. */
export function ChainPanel() {
  useEffect(followChain, []);
  return (
    <Panel id="chain" title="Chain" aside={<VerifyButton />}>
      <ChainHeads />
      <ChainVerification />
      {chainTrouble.value === null ? null : <Problem problem={chainTrouble.value} isWrite={false} />}
      <Cards />
    </Panel>
  );
}

function Cards() {
  const shown = blocks.value;
  const height = chainHeight.value;
  if (height === null) return <p class="quiet">Looking at the chain …</p>;
  if (height === 0 && tentative.value.length === 0) {
    return <p class="quiet">No block yet. Put a key: here, or with synod ledger put.</p>;
  }
  return (
    <ScrollBox label="Blocks, the newest first">
      <ol class="blocks">
        {tentative.value.map((entry) => (
          <TentativeCard key={`slot ${entry.slot}`} entry={entry} />
        ))}
        {shown.map((_, place) => {
          const at = shown.length - 1 - place;
          const block = shown[at];
          return block ? <BlockCard key={block.height} block={block} before={shown[at - 1] ?? null} /> : null;
        })}
      </ol>
      <Older />
    </ScrollBox>
  );
}

function Older() {
  const first = blocks.value[0]?.height ?? 1;
  if (first === 1) return null;
  if (blocks.value.length >= MOST_KEPT) {
    return (
      <p class="quiet older">
        {first - 1} older blocks: <code>synod ledger show --from 1 --limit {first - 1}</code>
      </p>
    );
  }
  return (
    <p class="older">
      <button type="button" onClick={() => void showOlder()}>
        Older blocks ({first - 1})
      </button>
    </p>
  );
}
