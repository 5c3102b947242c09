import type { AcceptorWrite } from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRecord, encodeRecord } from "../src/records.ts";

const id = fc.nat({ max: 1000 });
const instance = fc.integer({ min: 1, max: 6 });
const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  // Code units of any kind, halves of pairs among them.
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.constantFrom("", "\n", '"', "\ufeff", "\ud83c\udf75", "\ud83c", "\udf75"),
);

const anyWrite: fc.Arbitrary<AcceptorWrite> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("accepted" as const), id, instance, value, byHand: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("promised" as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("decided" as const), id, from: instance, through: instance }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncated" as const), through: instance }) },
);

function accepted(id: number, instance: number, value: string, byHand = false): AcceptorWrite {
  return { kind: "accepted", id, instance, value, byHand };
}

/** The line before the values. */
function headOf(record: Buffer): unknown {
  return JSON.parse(record.subarray(0, record.indexOf("\n")).toString());
}

describe("a record of the journal", () => {
  test("gives back what was written, in its order, whatever the values are", () => {
    fc.assert(
      fc.property(fc.array(anyWrite), (writes) => {
        expect(decodeRecord(encodeRecord(writes))).toEqual(writes);
      }),
      { numRuns: 500 },
    );
  });

  test("is read where it lies in a longer one", () => {
    const record = encodeRecord([accepted(17, 1, "tea")]);
    const around = Buffer.concat([Buffer.from("[1]\n"), record, Buffer.from("[2]\n")]);
    const within = new Uint8Array(around.buffer, around.byteOffset + 4, record.length);
    expect(decodeRecord(within)).toEqual([accepted(17, 1, "tea")]);
  });

  test("has the values of one id in consecutive slots as they are, without the quotes of JSON", () => {
    const record = encodeRecord([accepted(17, 4, '{"a":"b"}'), accepted(17, 5, "🍵"), accepted(17, 6, "")]);
    expect(headOf(record)).toEqual([{ kind: "run", id: 17, from: 4, lengths: [9, 2, 0] }]);
    expect(record.toString()).toMatch(/\n\{"a":"b"\}🍵$/);
  });

  test("begins another run at another id, at a gap, and after what is no part of one", () => {
    const record = encodeRecord([
      accepted(17, 1, "a"),
      accepted(33, 2, "b"),
      accepted(33, 4, "c"),
      { kind: "decided", id: 33, from: 1, through: 4 },
      accepted(33, 5, "d"),
    ]);
    expect(headOf(record)).toMatchObject([
      { kind: "run", id: 17, from: 1 },
      { kind: "run", id: 33, from: 2 },
      { kind: "run", id: 33, from: 4 },
      { kind: "decided" },
      { kind: "run", id: 33, from: 5 },
    ]);
  });

  test("puts a value that has no UTF-8, and one accepted by hand, into JSON", () => {
    const writes = [accepted(17, 1, "half \ud83c"), accepted(16, 2, "by hand", true), accepted(17, 3, "whole")];
    expect(headOf(encodeRecord(writes))).toMatchObject([
      { kind: "accepted", instance: 1 },
      { kind: "accepted", byHand: true },
      { kind: "run", from: 3 },
    ]);
  });

  test("of an earlier version, JSON alone, is read as it was", () => {
    fc.assert(
      fc.property(fc.array(anyWrite), (writes) => {
        expect(decodeRecord(Buffer.from(JSON.stringify(writes)))).toEqual(writes);
      }),
    );
  });

  test("that another program wrote is not taken for one", () => {
    expect(() => decodeRecord(Buffer.from("no JSON"))).toThrow(SyntaxError);
    expect(() => decodeRecord(Buffer.from("no JSON\nvalues"))).toThrow(SyntaxError);
  });
});
