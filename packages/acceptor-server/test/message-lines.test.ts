import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeLine, LineReader } from "../src/node/message-lines.ts";

/** Cuts bytes into pieces at these places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (one, other) => one - other,
  );
  return cuts.slice(1).map((end, place) => bytes.subarray(cuts[place], end));
}

const line = fc.record({ number: fc.nat(), isProblem: fc.boolean(), json: fc.json() });

describe("lines of messages", () => {
  test("are read as they were written, wherever the connection cuts them", () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 8 }), (lines, places) => {
        const bytes = Buffer.from(lines.map((one) => encodeLine(one.number, one.json, one.isProblem)).join(""));
        const reader = new LineReader();
        expect(cutAt(bytes, places).flatMap((piece) => reader.read(piece))).toEqual(lines);
      }),
    );
  });

  test("may be cut in the middle of a character", () => {
    const reader = new LineReader();
    const bytes = Buffer.from(encodeLine(7, '"🍵ö"'));
    const read = [...bytes].flatMap((byte) => reader.read(Buffer.from([byte])));
    expect(read).toEqual([{ number: 7, isProblem: false, json: '"🍵ö"' }]);
  });

  test.each(["{}", " {}", "", "seven {}", "1.5 {}", "9007199254740993 {}", "NaN {}"])(
    "begin with a number: %j is none",
    (text) => {
      expect(() => new LineReader().read(Buffer.from(`${text}\n`))).toThrow("a line has no number");
    },
  );

  test("that never end are given up at a bound, before they fill the memory", () => {
    const reader = new LineReader();
    const piece = Buffer.alloc(1024 * 1024, "x");
    for (let count = 0; count < 8; count++) expect(reader.read(piece)).toEqual([]);
    expect(() => reader.read(piece)).toThrow("a line is longer than 8388608 bytes");
  });

  test("have the bound that they are given", () => {
    const bytes = Buffer.from(encodeLine(1, JSON.stringify("x".repeat(9 * 1024 * 1024))));
    const read = (longest: number) => [...new LineReader(longest).read(bytes.subarray(0, -1))];
    expect(read(16 * 1024 * 1024)).toEqual([]);
    expect(() => read(1024)).toThrow("a line is longer than 1024 bytes");
  });

  test("each may be as long as the bound: what came before does not count", () => {
    const reader = new LineReader();
    const long = Buffer.from(encodeLine(1, JSON.stringify("x".repeat(5 * 1024 * 1024))));
    for (let count = 0; count < 3; count++) {
      expect(reader.read(long.subarray(0, -1))).toEqual([]);
      expect(reader.read(long.subarray(-1))).toHaveLength(1);
    }
  });
});
