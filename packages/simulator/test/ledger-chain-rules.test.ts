import { type LearnerWrite, ready } from "@synod/consensus";
import {
  type Block,
  blockRecord,
  encodeCommand,
  findNonce,
  hashOf,
  type Json,
  Ledger,
  type LedgerOperation,
  type LedgerResult,
  ledgerCommandJson,
  type SessionPosition,
} from "@synod/state-machines";
import { describe, expect, test } from "vitest";
import { ChainKeeper, ChainState } from "../src/ledger/chain-keeper.ts";
import { ChainRules } from "../src/ledger/chain-rules.ts";
import { LEDGER_ALWAYS } from "../src/ledger/properties.ts";
import { asks, type ClusterEvent, replies, restarts, sends, stores, write, written } from "./multipaxos-events.ts";

const put = (key: Json, value: Json): LedgerOperation => ({ type: "put", key, value });
const get = (key: Json): LedgerOperation => ({ type: "get", key });

function mined(operation: LedgerOperation): Json {
  return ledgerCommandJson({ operation, nonce: findNonce(operation, 0, 0, 1000) ?? 0, proposer: "server1", time: 1 });
}

const at = (sequence: number): SessionPosition => ({
  client: "c1-x",
  openedAt: 1,
  sequence,
  firstUnacknowledged: 2,
});

/** The chain of these operations, the requests of one client from sequence 2 on; and what each came to. */
function chainOf(...operations: readonly LedgerOperation[]) {
  const ledger = new Ledger();
  const results: LedgerResult[] = [];
  const blocks = operations.flatMap((operation, place) => {
    const command = ledger.parseOperation(mined(operation));
    if (command === null) throw new Error("it is a command");
    const { result, changes } = ledger.apply(place + 2, command, at(place + 2));
    results.push(result);
    return changes;
  });
  return { blocks, results, snapshot: ledger.snapshot() };
}

const OPERATIONS = [put("k", "tea"), get("k"), put("k", "milk")] as const;
const { blocks: BLOCKS, results: RESULTS } = chainOf(...OPERATIONS);
const [FIRST, SECOND, THIRD] = BLOCKS as [Block, Block, Block];
const OTHERS = chainOf(put("k", "tea"), get("j")).blocks as [Block, Block];

const keeps = (node: string, ...blocks: readonly Block[]): ClusterEvent =>
  stores(node, { kind: "blocks", records: blocks.map(blockRecord) } as never);
const snapshot = (node: string, height: number, hash: string | null) =>
  stores(node, {
    kind: "snapshot",
    through: height + 1,
    pieces: [JSON.stringify({ sessionPieces: 1 }), "[]", JSON.stringify([[0, height, hash]])],
  });
const rehashed = (block: Block, change: Partial<Block>): Block => {
  const made = { ...block, ...change };
  return { ...made, hash: hashOf(made) };
};
/** The n-th request is asked, submitted, and told this. */
function told(
  n: number,
  change: Partial<LedgerResult> = {},
  operation: Json = mined(OPERATIONS[n - 1] as LedgerOperation),
) {
  return [
    asks("c1", `r${n}`, write(operation)),
    sends("c1", "p1", {
      type: "submit",
      submission: n,
      requests: [{ requestId: `r${n}`, value: encodeCommand({ ...at(n + 1), operation }) }],
    }),
    replies("c1", `r${n}`, written(n + 1, { ...RESULTS[n - 1], ...change } as Json)),
  ];
}
const refused = told(1)
  .slice(0, 2)
  .concat(replies("c1", "r1", { kind: "refused", reason: "no-leader" }));

const CASES: readonly [property: string | null, why: string, events: readonly ClusterEvent[]][] = [
  [null, "two learners have one chain", [keeps("l1", FIRST, SECOND), keeps("l2", FIRST), keeps("l2", SECOND, THIRD)]],
  ["one-chain", "two learners have different blocks", [keeps("l1", FIRST, SECOND), keeps("l2", FIRST, OTHERS[1])]],
  ["blocks-verify", "a learner leaves a block out", [keeps("l1", FIRST, SECOND, THIRD), keeps("l2", FIRST, THIRD)]],
  ["blocks-verify", "a block has the hash of another one", [keeps("l1", { ...FIRST, hash: SECOND.hash })]],
  ["blocks-verify", "a block says another height", [keeps("l1", rehashed(FIRST, { height: 2 }))]],
  [
    "blocks-verify",
    "a block proves no work",
    [
      keeps(
        "l1",
        rehashed(FIRST, {
          nonce: [...Array(20).keys()].find((one) => findNonce(put("k", "tea"), 0, one, 1) === null) ?? 0,
        }),
      ),
    ],
  ],
  [
    "blocks-verify",
    "a chain begins anew behind a snapshot",
    [keeps("l1", FIRST, SECOND), snapshot("l1", 2, SECOND.hash), restarts("l1"), keeps("l1", FIRST)],
  ],
  [
    null,
    "a chain goes on behind the snapshot of a peer, and behind one's own after a restart",
    [
      keeps("l1", FIRST, SECOND),
      snapshot("l2", 2, SECOND.hash),
      keeps("l2", THIRD),
      restarts("l2"),
      keeps("l2", THIRD),
      restarts("l1"),
      keeps("l1", FIRST, SECOND, THIRD),
    ],
  ],
  ["snapshots-name-the-chain", "a snapshot names another hash", [keeps("l1", FIRST), snapshot("l1", 1, SECOND.hash)]],
  [
    "snapshots-name-the-chain",
    "a snapshot names another hash than the block that gets to a disk after it",
    [snapshot("l1", 1, SECOND.hash), keeps("l2", FIRST)],
  ],
  [
    null,
    "a learner takes over a snapshot, and goes on behind it, before its peer's blocks are on a disk",
    [snapshot("l1", 1, FIRST.hash), keeps("l1", SECOND), ...told(2), keeps("l2", FIRST, SECOND, THIRD)],
  ],
  [
    "one-chain",
    "what a learner has behind a snapshot is not what its peer has there",
    [snapshot("l1", 1, FIRST.hash), keeps("l1", SECOND), keeps("l2", FIRST, OTHERS[1])],
  ],
  [null, "a snapshot is of a chain without blocks", [snapshot("l1", 0, null), keeps("l1", FIRST)]],
  [
    "no-request-twice",
    "one request is two blocks",
    [keeps("l1", FIRST, rehashed(SECOND, { requestId: FIRST.requestId }))],
  ],
  [null, "an answer comes before any disk has its block", [...told(1), ...told(2), keeps("l1", FIRST, SECOND)]],
  [
    "acknowledged-is-a-block",
    "an answer names another block's hash",
    [...told(1, { hash: SECOND.hash }), keeps("l1", FIRST)],
  ],
  ["acknowledged-is-a-block", "an answer names another block", [keeps("l1", FIRST, SECOND), ...told(1, SECOND)]],
  ["acknowledged-is-a-block", "an answer names no block", [...told(1, { height: 0 })]],
  [
    "acknowledged-is-a-block",
    "the block has another operation",
    [keeps("l1", FIRST), ...told(1, {}, mined(put("k", "x")))],
  ],
  [
    "acknowledged-is-a-block",
    "a put is told that there is no such key",
    [keeps("l1", FIRST), ...told(1, { answer: "KEY_DOES_NOT_EXIST" })],
  ],
  [
    "gets-tell-the-chain",
    "a get is told a later value",
    [keeps("l1", FIRST, SECOND, THIRD), ...told(2, { value: "milk" } as Partial<LedgerResult>)],
  ],
  [
    "gets-tell-the-chain",
    "a get is told that there is no such key, and there is",
    [keeps("l1", FIRST, SECOND), ...told(2, { answer: "KEY_DOES_NOT_EXIST" })],
  ],
  ["refused-is-no-block", "what was refused becomes a block", [...refused, keeps("l1", FIRST)]],
  ["refused-is-no-block", "what is a block is refused", [keeps("l1", FIRST), ...refused]],
  [null, "what was refused is none", [...refused, keeps("l1", rehashed(FIRST, { requestId: "c1-x/1/9" }))]],
];

/** What these events break, in the order in which they do. */
function brokenBy(events: readonly ClusterEvent[]): string[] {
  const watch = new ChainRules(["l1", "l2"], 0);
  const broken: string[] = [];
  for (const event of events) watch.observe(event, (name) => void broken.push(name));
  return broken;
}

describe("the watch of a ledger's chain", () => {
  test.each(CASES)("says %s where %s", (property, _, events) => {
    expect(brokenBy(events).slice(0, 1)).toEqual(property === null ? [] : [property]);
  });

  test("has a case for every property", () => {
    const tested = new Set(CASES.flatMap(([property]) => property ?? []));
    expect([...tested].sort()).toEqual(LEDGER_ALWAYS.map(({ name }) => name).sort());
  });
});

describe("a learner that keeps its blocks in a file", () => {
  /** A state that tells of these blocks at each slot, and can be taken a snapshot of. */
  function kept() {
    const state = new ChainState((tell) => ({
      apply: (slot) => {
        tell(BLOCKS.slice(slot - 1, slot));
        return "";
      },
      recall: () => null,
      read: () => "",
      snapshot: () => [],
      restore: () => {},
    }));
    return { state, records: (...blocks: readonly Block[]) => ({ kind: "blocks", records: blocks.map(blockRecord) }) };
  }
  const taken = (through: number): LearnerWrite => ({ kind: "snapshot", through, pieces: [] });

  test("writes no snapshot before the blocks that it counts on, and none of those that come after it before it", () => {
    const { state, records } = kept();
    const learner = {
      state: null,
      step: () => {
        state.apply(1, "");
        state.snapshot();
        state.apply(2, "");
        state.restore([], 2);
        state.apply(3, "");
        return ready<never, LearnerWrite>({ writes: [taken(1), taken(2)] });
      },
    };
    const { writes } = new ChainKeeper(learner, state).step({ kind: "timeout", timer: "t" });
    expect(writes).toEqual([records(FIRST), taken(1), records(SECOND), taken(2), records(THIRD)]);
  });

  test("writes nothing anew of what it began with, and stops where a snapshot would be lost", () => {
    const { state } = kept();
    state.apply(1, "");
    state.restore([], 1);
    const keeper = new ChainKeeper({ state: null, step: () => ready({}) }, state);
    expect(keeper.step({ kind: "timeout", timer: "t" }).writes).toEqual([]);
    state.snapshot();
    expect(() => keeper.step({ kind: "timeout", timer: "t" })).toThrow("each snapshot");
  });
});
