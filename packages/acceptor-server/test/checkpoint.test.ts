import { type AcceptorWrite, applyAcceptorWrite, freshAcceptorState } from "@synod/consensus";
import { MemoryDisk, openMemoryJournal } from "@synod/storage";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AcceptorStore } from "../src/acceptor-store.ts";
import { decodeHead, decodeState, encodeCheckpoint, encodeCheckpointByTurns } from "../src/checkpoint.ts";

const identity = { serverId: 1, serverCount: 3, poolId: "pool" };

test("a state comes back from a checkpoint as it went in, whatever its values hold", () => {
  const acceptance = fc.record({ instance: fc.integer({ min: 1, max: 20 }), value: fc.string({ unit: "binary" }) });
  fc.assert(
    fc.property(fc.array(acceptance), (acceptances) => {
      const state = freshAcceptorState();
      for (const [id, { instance, value }] of acceptances.entries()) {
        applyAcceptorWrite(state, { kind: "accepted", id, instance, value, byHand: id % 2 === 0 });
      }
      const bytes = encodeCheckpoint(identity, state);
      const head = decodeHead(bytes);
      expect(head.identity).toEqual(identity);
      expect(decodeState(bytes, head)).toEqual(state);
    }),
  );
});

test("a state is encoded in pieces, since one string would not hold a large one", () => {
  const state = freshAcceptorState();
  const value = "x".repeat(1024 * 1024);
  for (let id = 1; id <= 9; id++)
    applyAcceptorWrite(state, { kind: "accepted", id, instance: id, value, byHand: false });
  const bytes = encodeCheckpoint(identity, state);
  expect(decodeState(bytes, decodeHead(bytes))).toEqual(state);
});

test("what is accepted while a checkpoint is encoded stays out of it: it was not taken yet", async () => {
  const state = freshAcceptorState();
  for (let id = 1; id <= 3; id++)
    applyAcceptorWrite(state, { kind: "accepted", id, instance: id, value: "x".repeat(300_000), byHand: false });
  const before = structuredClone(state);
  const encoding = encodeCheckpointByTurns(identity, state);
  applyAcceptorWrite(state, { kind: "accepted", id: 9, instance: 3, value: "other", byHand: false });
  applyAcceptorWrite(state, { kind: "truncated", through: 2 });
  const bytes = await encoding;
  expect(decodeState(bytes, decodeHead(bytes))).toEqual(before);
});

/** The writes of a log that is truncated now and then, as all acceptors of a pool make them durable: a mebibyte each time. */
function flushes(): AcceptorWrite[][] {
  const flushes: AcceptorWrite[][] = [];
  for (let instance = 1; instance <= 60; instance++) {
    const writes: AcceptorWrite[] = [
      { kind: "accepted", id: 1, instance, value: "x".repeat(1024 * 1024), byHand: false },
    ];
    if (instance % 10 === 0) writes.push({ kind: "truncated", through: instance - 1 });
    flushes.push(writes);
  }
  return flushes;
}

/** At which of the flushes a server writes a checkpoint. */
async function checkpointsOf(serverId: number): Promise<number[]> {
  const initialState = encodeCheckpoint({ ...identity, serverId }, freshAcceptorState());
  const opened = await openMemoryJournal(new MemoryDisk(), { initialState });
  const { store } = await AcceptorStore.over(opened, "memory", { ...identity, serverId });
  const state = freshAcceptorState();
  const checkpoints: number[] = [];
  for (const [number, writes] of flushes().entries()) {
    for (const write of writes) applyAcceptorWrite(state, write);
    await store.persist(writes, state);
    if (opened.journal.bytesSinceCheckpoint === 0) checkpoints.push(number);
  }
  await store.close();
  return checkpoints;
}

test("no two acceptors of a pool write a checkpoint at the same moment, so that a majority goes on answering", async () => {
  const all = await Promise.all([1, 2, 3, 4, 5].map(checkpointsOf));
  for (const checkpoints of all) expect(checkpoints.length).toBeGreaterThan(1);
  const moments = all.flat();
  expect(new Set(moments).size).toBe(moments.length);
});
