import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blockRecord,
  ChainCheck,
  encodeOpenSession,
  type Json,
  type LedgerCommand,
  type LedgerEntry,
  type LedgerMapPage,
  type LedgerOperation,
  ledgerOf,
  parseBlockRecord,
  parseLedgerCommand,
  requestIdOf,
} from "../src/index.ts";
import { mined, replica, request } from "./ledger-log.ts";
import { NaiveLedger, naiveText } from "./naive-ledger.ts";

/** Few keys, some of which are equal in different writing. */
const key: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>("a", "b", 1, "1", null, -0, 0, 1e21, { a: 1, b: 2 }, { b: 2, a: 1 }, ["\u2028"], "😀"),
  fc.json({ maxDepth: 2 }).map((text): Json => JSON.parse(text)),
);
const value = fc.oneof(fc.constantFrom<Json[]>("x", "\ufffd", { __proto__: null }), key);
const operation: fc.Arbitrary<LedgerOperation> = fc
  .oneof(
    fc.record({ type: fc.constant("get" as const), key }),
    fc.record({ type: fc.constant("put" as const), key, value }),
  )
  // As it comes out of a log.
  .map((one): LedgerOperation => JSON.parse(JSON.stringify(one)));

/** What comes next in the log: a new command, a copy of an earlier value, or a command whose nonce may prove nothing. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("command" as const), operation }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("copy" as const), of: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("guess" as const), operation, nonce: fc.nat(50) }) },
);

const DIFFICULTY = 2;

/** A ledger and a naive one, to which this happens; and the log that did it. */
function lived(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  const one = replica(DIFFICULTY);
  const naive = new NaiveLedger();
  const answers = new Map<string, Json>();
  const log = [encodeOpenSession("c/1")];
  one.apply(log[0] ?? "");
  for (const [place, each] of steps.entries()) {
    const sequence = place + 2;
    let value: string;
    if (each.kind === "copy") value = log[1 + (each.of % Math.max(1, log.length - 1))] ?? "";
    else {
      const command = mined(each.operation, DIFFICULTY) as unknown as LedgerCommand;
      const nonce = each.kind === "guess" ? each.nonce : command.nonce;
      value = request("c/1", sequence, { ...command, nonce } as unknown as Json);
    }
    log.push(value);
    const answer = one.apply(value);
    const said = value === "" ? null : JSON.parse(value);
    const command = said?.type === "command" ? parseLedgerCommand(said.operation, DIFFICULTY) : null;
    if (command === null) expect(answer["kind"]).toBe("not-a-command");
    else {
      const requestId = requestIdOf(said);
      const ought = answers.get(requestId) ?? naive.apply(command, requestId);
      answers.set(requestId, ought);
      expect(naiveText(answer["result"] ?? null)).toBe(naiveText(ought));
    }
  }
  return { ...one, naive, log };
}

/** All pages of the map, one after the other. */
function wholeMap(read: (query: Json) => Json, limit: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let after = ""; ; ) {
    const page = read({ type: "map", after, limit }) as LedgerMapPage;
    entries.push(...page.entries);
    if (page.next === null) return entries;
    after = page.next;
  }
}

describe("a ledger, whatever happens to it", () => {
  test("has the chain, the map and the answers of arrays and another SHA-256, each request once", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
        const { blocks, naive, read } = lived(steps);
        expect(blocks.map((block) => naiveText(block as unknown as Json))).toEqual(naive.blocks.map(naiveText));
        const byText = [...naive.map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
        expect(wholeMap(read, limit).map((entry) => naiveText(entry))).toEqual(byText.map(naiveText));
      }),
      { numRuns: 60 },
    );
  });

  test("has blocks that are told as records and read again, and of which nothing is wrong", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { blocks, naive, ledger } = lived(steps);
        const check = new ChainCheck({ difficulty: DIFFICULTY });
        for (const block of blocks) {
          const record = blockRecord(block);
          expect(record).not.toContain("\n");
          expect(blockRecord(parseBlockRecord(record) ?? block)).toBe(record);
          expect(check.take(record)).toEqual([]);
        }
        expect([check.isWhole, check.head]).toEqual([true, ledger.head]);
        const spelled = [...check.map].map(([keyText, { valueText, height }]) => [keyText, valueText, height]);
        expect(spelled).toEqual([...naive.map].map(([text, { value, height }]) => [text, naiveText(value), height]));
      }),
      { numRuns: 40 },
    );
  });

  test("goes on after a restoration as if there had been none, at every replica to the same byte", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.nat(26), (steps, cut) => {
        const { log, state, blocks } = lived(steps);
        const one = replica(DIFFICULTY);
        let other = replica(DIFFICULTY);
        for (const [place, value] of log.entries()) {
          if (place === cut) {
            other = replica(DIFFICULTY);
            other.state.restore(one.state.snapshot());
          }
          const answer = one.state.apply(place + 1, value);
          expect(other.state.apply(place + 1, value)).toBe(answer);
        }
        expect([one.state.snapshot(), other.state.snapshot()]).toEqual([state.snapshot(), state.snapshot()]);
        expect(blocks.slice(blocks.length - other.blocks.length)).toEqual(other.blocks);
        expect(ledgerOf(one.ledger.snapshot(), DIFFICULTY).head).toEqual(one.ledger.head);
      }),
      { numRuns: 40 },
    );
  });

  test("never throws at a value of the log, nor at a question", () => {
    const { apply, read } = replica();
    apply(encodeOpenSession("c"));
    const names = fc.constantFrom(
      "operation",
      "nonce",
      "proposer",
      "time",
      "type",
      "key",
      "value",
      "__proto__",
      "after",
    );
    const any = fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constantFrom("get", "map"))));
    let sequence = 1;
    fc.assert(
      fc.property(any, (json) => {
        const plain: Json = JSON.parse(JSON.stringify(json));
        expect(read(plain)).toEqual(expect.any(Object));
        expect(apply(request("c", ++sequence, plain))["kind"]).toBe("not-a-command");
      }),
    );
  });
});
