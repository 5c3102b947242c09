import { applyAcceptorWrite, freshAcceptorState } from "@synod/consensus";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHead, decodeState, encodeCheckpoint } from "../src/checkpoint.ts";

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
