import type { BlockReply, TentativeReply } from "@synod/api";
import { shortHash } from "../words/chain-heads.js";
import { timeOfDay } from "../words/clock.js";
import { type Operation, operationInWords } from "../words/operation.js";
import { Chip } from "./chip.js";
import { TimeOf } from "./time-of.js";

interface BlockCardProps {
  readonly block: BlockReply;
  /** The one that it must name; null if that is not shown. */
  readonly before: BlockReply | null;
}

/** A block, and below it its link to the one before. */
export function BlockCard({ block, before }: BlockCardProps) {
  const { height, operation, proposer, time, nonce, hash, previousHash, requestId } = block;
  const isBroken = before !== null && before.hash !== previousHash;
  return (
    <li class="block">
      <div class="block-card">
        <header>
          <h3>Block {height}</h3>
          <code class="hash" title={hash}>
            {shortHash(hash)}
          </code>
        </header>
        <OperationText operation={operation} />
        <p class="made">
          {proposer} · nonce {nonce} · <TimeOf time={time} text={timeOfDay} />
        </p>
        <details>
          <summary>Hashes and request</summary>
          <dl class="facts block-facts">
            <Fact label="hash" value={hash} />
            <Fact label="previous" value={previousHash ?? "none: it is the first"} />
            <Fact label="request" value={requestId} />
          </dl>
        </details>
      </div>
      {previousHash === null ? null : (
        <p class={isBroken ? "link link-broken" : "link"}>
          <LinkDrawing isBroken={isBroken} />
          {isBroken ? "does not name the block below: " : "names "}
          <code>{shortHash(previousHash)}</code>
        </p>
      )}
    </li>
  );
}

/** A command that this server has accepted: it may become a block, or come to nothing. */
export function TentativeCard({ entry }: { readonly entry: TentativeReply["entries"][number] }) {
  const { slot, proposalId, operation, proposer } = entry;
  return (
    <li class="block">
      <div class="block-card block-tentative">
        <header>
          <h3>Slot {slot}</h3>
          <Chip kind="faulty" word="tentative" title="accepted by this server; not known to be chosen" />
        </header>
        {operation === null ? (
          <p class="quiet">no put or get: the opening of a session, say</p>
        ) : (
          <OperationText operation={operation as Operation} />
        )}
        <p class="made">
          accepted under proposal id {proposalId}
          {proposer === null ? "" : `, for ${proposer}`}; no height and no hash yet
        </p>
      </div>
    </li>
  );
}

function OperationText({ operation }: { readonly operation: Operation }) {
  const { verb, key, value } = operationInWords(operation);
  return (
    <p class="operation">
      <b>{verb}</b> <code>{key}</code>
      {value === null ? null : (
        <>
          {" "}
          = <code>{value}</code>
        </>
      )}
    </p>
  );
}

function Fact({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </div>
  );
}

function LinkDrawing({ isBroken }: { readonly isBroken: boolean }) {
  return (
    <svg class="link-drawing" viewBox="0 0 16 20" aria-hidden="true">
      <path d={isBroken ? "M8 0v4M3.5 5.5l9 9M12.5 5.5l-9 9M8 16v4" : "M8 0v18M4.5 14.5 8 18l3.5-3.5"} />
    </svg>
  );
}
