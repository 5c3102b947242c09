import {
  type Block,
  encodeCommand,
  encodeOpenSession,
  findNonce,
  type Json,
  Ledger,
  type LedgerOperation,
  ledgerCommandJson,
  ReplicatedState,
} from "../src/index.ts";
import type { UnderstoodCommand } from "../src/ledger/operations.ts";

export const put = (key: Json, value: Json): LedgerOperation => ({ type: "put", key, value });
export const get = (key: Json): LedgerOperation => ({ type: "get", key });

/** A command with the work done. */
export function mined(operation: LedgerOperation, difficulty = 0, proposer = "server1", time = 1000): Json {
  const nonce = findNonce(operation, difficulty, 0, 1_000_000) ?? 0;
  return ledgerCommandJson({ operation, nonce, proposer, time });
}

/** A command of a client, as a value of the log. */
export function request(client: string, sequence: number, operation: Json, openedAt = 1): string {
  return encodeCommand({ client, openedAt, sequence, firstUnacknowledged: 2, operation });
}

/** A ledger behind a log whose slots are counted by themselves, and the blocks that it told of. */
export function replica(difficulty = 0) {
  const ledger = new Ledger({ difficulty });
  const blocks: Block[] = [];
  const state = new ReplicatedState<UnderstoodCommand, Block>(ledger, {
    observer: { applied: (_, some) => blocks.push(...some) },
  });
  const apply = (value: string): { readonly [name: string]: Json } =>
    JSON.parse(state.apply(state.appliedThrough + 1, value));
  const read = (query: Json) => JSON.parse(state.read(JSON.stringify(query)));
  return { ledger, blocks, state, apply, read };
}

/** A replica in which slot 1 opened the session of client `c`, whose commands these are. */
export function replicaOf(...operations: readonly LedgerOperation[]) {
  const one = replica();
  one.apply(encodeOpenSession("c"));
  for (const [place, operation] of operations.entries()) one.apply(request("c", place + 2, mined(operation)));
  return one;
}
