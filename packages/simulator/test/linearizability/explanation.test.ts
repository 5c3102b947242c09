import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountOf } from "../../src/linearizability/account.ts";
import type { CheckReport, Explained } from "../../src/linearizability/check.ts";
import { checkHistory } from "../../src/linearizability/check.ts";
import { applyEffect } from "../../src/linearizability/effect.ts";
import { type History, readHistory } from "../../src/linearizability/history-reader.ts";
import { MODELS, type ModelName } from "../../src/linearizability/models.ts";
import type { KeyHistory, Operation } from "../../src/linearizability/operation.ts";
import { runToEnd } from "../../src/linearizability/pausing.ts";
import { sampleHistory } from "../../src/linearizability/sample-history.ts";
import { searchOrder } from "../../src/linearizability/search.ts";
import { findBreach, findPossibleStates, prefixUntil } from "../../src/linearizability/violation.ts";
import { isLinearizable } from "./brute-force.ts";
import { check, ENOUGH, history } from "./history-lines.ts";
import { SMALL_HISTORIES } from "./small-histories.ts";

function violationOf(report: CheckReport): Explained {
  if (!report.violation) throw new Error("no violation was found");
  return report.violation;
}

/** What is said of a violation, without the part about what is fine. */
function told(model: ModelName, ...events: readonly string[]): string[] {
  const { claim, instead, reasons } = accountOf(violationOf(check(history(model, ...events))), MODELS[model]);
  return [claim, instead, ...reasons];
}

describe("where a history breaks", () => {
  test.each(Object.entries(SMALL_HISTORIES))(
    "of %s the culprit is the first return that cannot be ordered",
    (_, sort) => {
      fc.assert(
        fc.property(sort.operations, (operations) => {
          const key: KeyHistory = { key: null, initial: sort.initial, operations, failed: [] };
          const outcome = runToEnd(searchOrder(key, ENOUGH));
          if (outcome.verdict !== "violation") return;
          const { culprit, fineCount, isFirst, order } = runToEnd(findBreach(key, outcome, ENOUGH));
          expect(isFirst).toBe(true);
          const line = culprit.returnLine ?? 0;
          expect(isLinearizable(sort.initial, prefixUntil(key, line - 1).operations)).toBe(true);
          expect(isLinearizable(sort.initial, prefixUntil(key, line).operations)).toBe(false);
          expect(operations.filter(({ returnLine }) => returnLine !== null && returnLine < line)).toHaveLength(
            fineCount,
          );
          // The operations of the order are those of the history, so that a person can look them up.
          for (const operation of order ?? []) expect(operations).toContain(operation);
        }),
        { numRuns: 600 },
      );
    },
  );

  test.each(Object.entries(SMALL_HISTORIES))("of %s all states are found that the culprit can have met", (_, sort) => {
    fc.assert(
      fc.property(sort.operations, (operations) => {
        const key: KeyHistory = { key: null, initial: sort.initial, operations, failed: [] };
        const outcome = runToEnd(searchOrder(key, ENOUGH));
        if (outcome.verdict !== "violation") return;
        const breach = runToEnd(findBreach(key, outcome, ENOUGH));
        const { states, isComplete } = runToEnd(findPossibleStates(key, breach, ENOUGH));
        const all = statesMet(prefixUntil(key, breach.culprit.returnLine ?? 0), breach.culprit);
        for (const state of states) expect(all).toContain(state);
        if (isComplete) expect([...states].sort()).toEqual([...all].sort());
        else expect(states).toHaveLength(8);
        expect(states.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  test("of several keys, that one is told of which breaks first", () => {
    const broken = (client: number, key: string) => [`${client} invoke read - @${key}`, `${client} ok read 9 @${key}`];
    const report = check(
      history("register", "1 invoke write 1 @late", "1 ok write - @late", ...broken(2, "early"), ...broken(3, "late")),
    );
    expect(violationOf(report).history.key).toBe("early");
    expect(report.keys.map(({ breach }) => breach?.culprit.returnLine)).toEqual([6, 4]);
  });
});

/** The definition: in any order of the prefix, what an operation in the culprit's place finds. */
function statesMet({ initial, operations }: KeyHistory, culprit: Operation): Set<string> {
  const met = new Set<string>();
  const probe = { ...culprit, effect: { kind: "refute" as const, states: [] } };
  const others = operations.filter(({ callLine }) => callLine !== culprit.callLine);
  const tryAll = (state: string, left: readonly Operation[], metHere: string | null): void => {
    if (left.every(({ returnLine }) => returnLine === null) && metHere !== null) met.add(metHere);
    for (const operation of left) {
      const rest = left.filter((one) => one !== operation);
      if (rest.some(({ returnLine }) => returnLine !== null && returnLine < operation.callLine)) continue;
      const next = applyEffect(operation.effect, state);
      if (next !== null) tryAll(next, rest, operation === probe ? state : metHere);
    }
  };
  tryAll(initial, [...others, probe], null);
  return met;
}

describe("why an operation cannot be ordered, in words", () => {
  const write = (client: number, value: string) => [`${client} invoke write ${value}`, `${client} ok write`];

  test("a stale read: what it saw was overwritten, and by whom", () => {
    expect(told("register", ...write(1, "1"), ...write(2, "2"), "3 invoke read", "3 ok read 1")).toEqual([
      "read by process 3 (lines 5-6) returned 1, but at no moment between its call and its return can the object have held that",
      "it can only have held 2",
      "write 1 by process 1 (lines 1-2) was overwritten: write 2 by process 2 (lines 3-4), which came after it and was over before this began",
    ]);
  });

  test("a read that goes back: another read had seen the newer value", () => {
    const reads = ["3 invoke read", "3 ok read 2", "4 invoke read", "4 ok read 1"];
    expect(told("register", ...write(1, "1"), "2 invoke write 2", ...reads)).toEqual([
      "read by process 4 (lines 6-7) returned 1, but at no moment between its call and its return can the object have held that",
      "it can only have held 2",
      "write 1 by process 1 (lines 1-2) was overwritten: read by process 3 (lines 4-5) returned 2, which came after it and was over before this began",
    ]);
  });

  test("a value that nobody wrote, or that somebody failed to write, or wrote too late", () => {
    const read = ["3 invoke read", "3 ok read 7"];
    expect(told("register", ...write(1, "1"), ...read).at(-1)).toBe("nothing in this history writes 7");
    const failed = ["1 invoke write 7", "1 fail write"];
    expect(told("register", ...failed, ...read).at(-1)).toBe(
      "write 7 by process 1 (lines 1-2) failed, so it wrote nothing",
    );
    expect(told("register", ...read, ...write(1, "7")).at(-1)).toBe(
      "write 7 by process 1 (lines 3-4) began only afterwards",
    );
  });

  test("what was there at first is gone", () => {
    expect(told("register", ...write(1, "1"), "2 invoke read", "2 ok read null").at(-1)).toBe(
      "what it held at first was gone: write 1 by process 1 (lines 1-2), and was over before this began",
    );
  });

  test("a cas that swapped what cannot have been there, and one that did not swap what must have been", () => {
    expect(told("register", ...write(1, "1"), "2 invoke cas [3,4]", "2 ok cas null true").slice(0, 2)).toEqual([
      "cas 3 to 4 by process 2 (lines 3-4) returned swapped, but at no moment between its call and its return can the object have held 3",
      "it can only have held 1",
    ]);
    expect(told("register", ...write(1, "1"), "2 invoke cas [1,4]", "2 ok cas null false")).toEqual([
      "cas 1 to 4 by process 2 (lines 3-4) returned not swapped, but at every moment between its call and its return the object must have held 1",
      "",
    ]);
  });

  test("several values may have been there", () => {
    const during = ["1 invoke write 1", "2 invoke write 2", "3 invoke read", "3 ok read 7"];
    expect(told("register", ...during)[1]).toBe("it can only have held null, 2 or 1");
  });

  test("a get that lacks an append that was over", () => {
    const appends = ['1 invoke append "a"', "1 ok append", '1 invoke append "b"', "1 ok append"];
    expect(told("key-value", ...appends, "2 invoke get", '2 ok get "a"').slice(1)).toEqual([
      'it can only have held "ab"',
      'append "b" by process 1 (lines 3-4) was over before this began, and is not in it',
    ]);
  });

  test("a get that goes back behind another get", () => {
    const lost = [
      '1 invoke append "a"',
      "1 info append",
      "2 invoke get",
      '2 ok get "a"',
      "2 invoke get",
      '2 ok get ""',
    ];
    expect(told("key-value", ...lost).slice(1)).toEqual([
      'it can only have held "a"',
      'get by process 2 (lines 3-4) had already returned more: "a"',
    ]);
  });

  test("a get of what nobody wrote, or wrote too late", () => {
    const get = ["2 invoke get", '2 ok get "z"'];
    const append = (text: string) => [`1 invoke append "${text}"`, "1 ok append"];
    expect(told("key-value", ...append("a"), ...get).at(-1)).toBe(
      "nothing in this history writes what stands at its end",
    );
    expect(told("key-value", ...get, ...append("z")).at(-1)).toBe(
      'append "z" by process 1 (lines 3-4) began only afterwards',
    );
  });

  test("a get that goes back behind a put", () => {
    const puts = ['1 invoke put "a"', "1 ok put", '1 invoke put "b"', "1 ok put", '1 invoke append "c"', "1 ok append"];
    expect(told("key-value", ...puts, "2 invoke get", '2 ok get "a"').slice(1)).toEqual([
      'it can only have held "bc"',
      'append "c" by process 1 (lines 5-6) was over before this began, and is not in it',
      'put "a" by process 1 (lines 1-2) was overwritten: put "b" by process 1 (lines 3-4), which came after it and was over before this began',
    ]);
  });

  test("what is fine is told with an order of it", () => {
    const events = [
      ...write(1, "1"),
      "2 invoke write 2",
      "3 invoke read",
      "3 ok read 2",
      "3 invoke read",
      "3 ok read 1",
    ];
    const account = accountOf(violationOf(check(history("register", ...events))), MODELS.register);
    expect(account.fine).toBe(
      "up to line 6 the object is fine: the 2 operations that return by then can be ordered, for instance so",
    );
    expect(account.order).toEqual([
      "write 1 by process 1 (lines 1-2)",
      "write 2 by process 2 (line 3, never heard of again)",
      "read by process 3 (lines 4-5): 2",
    ]);
    expect(account.caveat).toBe("");
  });

  test("values that would play tricks on a terminal are escaped, and long ones cut", () => {
    const [claim = ""] = told(
      "register",
      '1 invoke write "\\u001b[2J"',
      "1 ok write",
      "2 invoke read",
      `2 ok read "\\u001b[31m${"x".repeat(5000)}"`,
    );
    expect(claim).not.toContain("\u001b");
    expect(claim.length).toBeLessThan(300);
  });
});

describe("a check that runs out", () => {
  const hard = (): History =>
    readHistory(
      "key-value",
      sampleHistory({ seed: 7, model: "key-value", operations: 400, clients: 50, keys: 1, values: 3 }).join("\n"),
    );

  test("of time is unknown, and stops at the first pause", () => {
    let pauses = 0;
    const report = runToEnd(checkHistory(hard(), ENOUGH), () => {
      pauses++;
      return false;
    });
    expect(report).toMatchObject({ verdict: "unknown", violation: null, keys: [{ limit: "time" }] });
    expect(pauses).toBe(1);
  });

  test("of memory is unknown", () => {
    const report = runToEnd(checkHistory(hard(), { memoryBytes: 2 ** 16 }));
    expect(report).toMatchObject({ verdict: "unknown", violation: null, keys: [{ limit: "memory" }] });
  });

  test("with a violation on another key is a violation all the same", () => {
    const broken =
      '{"process":"x","type":"invoke","f":"get","key":"y"}\n{"process":"x","type":"ok","f":"get","value":"?"}';
    const text = sampleHistory({ seed: 7, model: "key-value", operations: 400, clients: 50, keys: 1, values: 3 }).join(
      "\n",
    );
    const report = runToEnd(checkHistory(readHistory("key-value", `${text}\n${broken}`), { memoryBytes: 2 ** 16 }));
    expect(report.verdict).toBe("violation");
    expect(report.keys.map(({ verdict }) => verdict)).toEqual(["unknown", "violation"]);
  });

  test("tells at every pause how far it is", () => {
    const seen: unknown[] = [];
    runToEnd(checkHistory(hard(), ENOUGH), (progress) => seen.push(progress) < 3);
    expect(seen).toMatchObject([
      { phase: "search", keysDone: 0, keyCount: 1 },
      { phase: "search", keysDone: 0, keyCount: 1 },
      { phase: "search", keysDone: 0, keyCount: 1 },
    ]);
  });

  test("while it explains, says that the culprit may not be the first that cannot be ordered", () => {
    const text = sampleHistory({ seed: 1, model: "register", operations: 2000, clients: 50, keys: 1, values: 20 }).join(
      "\n",
    );
    const read =
      '{"process":"x","type":"invoke","f":"read","key":"k0"}\n{"process":"x","type":"ok","f":"read","value":99}';
    const report = runToEnd(checkHistory(readHistory("register", `${text}\n${read}`), { memoryBytes: 2 ** 16 }));
    const violation = violationOf(report);
    expect(violation.breach).toMatchObject({ isFirst: false, fineUntil: 0, culprit: { client: "x" } });
    expect(accountOf(violation, MODELS.register)).toMatchObject({
      fine: 'it is not known how far key "k0" is fine',
      instead: "",
      caveat: "time or memory ran out: an earlier operation may already be one that cannot be ordered",
    });
  });
});
