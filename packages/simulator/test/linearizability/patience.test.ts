import { describe, expect, test } from "vitest";
import { accountOf } from "../../src/linearizability/account.ts";
import { checkHistory } from "../../src/linearizability/check.ts";
import { type History, readHistory } from "../../src/linearizability/history-reader.ts";
import { MODELS } from "../../src/linearizability/models.ts";
import { sampleHistory } from "../../src/linearizability/sample-history.ts";
import { searchOrder } from "../../src/linearizability/search.ts";
import { findBreach } from "../../src/linearizability/violation.ts";

/** What is known by the time that somebody has waited long enough. */

const MEMORY = { memoryBytes: 2 ** 28 };

/** Many clients append few texts to one key: more orders than anybody can try. */
function hard(key: string, operations = 400): string[] {
  const lines = sampleHistory({ seed: 7, model: "key-value", operations, clients: 50, keys: 1, values: 3 });
  return lines.map((line) =>
    JSON.stringify({ ...JSON.parse(line), key, process: `${key} ${JSON.parse(line).process}` }),
  );
}

const STALE = [
  '{"process":"s","type":"invoke","f":"append","key":"easy","value":"a"}',
  '{"process":"s","type":"ok","f":"append","key":"easy"}',
  '{"process":"s","type":"invoke","f":"get","key":"easy"}',
  '{"process":"s","type":"ok","f":"get","key":"easy","value":""}',
];

function keyValue(...lines: readonly string[]): History {
  return readHistory("key-value", lines.join("\n"));
}

describe("a search that is given up", () => {
  test("does not take the time of the keys that come after it: theirs is found, in whatever order they come", () => {
    for (const lines of [
      [...hard("hard"), ...STALE],
      [...STALE, ...hard("hard")],
    ]) {
      const check = checkHistory(keyValue(...lines), MEMORY);
      let next = check.next("go on");
      while (!next.done) next = check.next(next.value.steps < 150_000 ? "go on" : "stop");
      expect(next.value.verdict).toBe("violation");
    }
  });

  test("pauses as often where each step looks at many open operations", () => {
    const open = Array.from({ length: 3000 }, (_, process) => [
      { process, type: "invoke", f: "cas", value: [0, 1] },
      { process, type: "info", f: "cas" },
    ]);
    const writes = Array.from({ length: 300 }, (_, value) => [
      { process: "w", type: "invoke", f: "write", value: value + 2 },
      { process: "w", type: "ok", f: "write" },
    ]);
    const lines = [...open.flat(), ...writes.flat()].map((event) => JSON.stringify(event));
    const { keys } = readHistory("register", lines.join("\n"));
    const search = searchOrder(keys[0] as (typeof keys)[number], MEMORY);
    let pauses = 0;
    while (!search.next("go on").done) pauses++;
    expect(pauses).toBeGreaterThan(20);
  });
});

describe("an explanation that is given up", () => {
  test("never blames a write or an append, which can always be ordered last", () => {
    const last = [
      '{"process":"z","type":"invoke","f":"append","key":"hard","value":"z"}',
      '{"process":"z","type":"ok","f":"append","key":"hard"}',
    ];
    const [history] = keyValue(...hard("hard"), ...last).keys;
    if (!history) throw new Error("there is no key");
    const returned = history.operations.filter(({ returnLine }) => returnLine !== null).length;
    const found = { verdict: "violation", fine: 0, broken: returned, steps: 0 } as const;
    const finding = findBreach(history, found, MEMORY);
    let next = finding.next("stop");
    while (!next.done) next = finding.next("stop");
    const breach = next.value;
    expect(breach).toMatchObject({ isFirst: false, culprit: { effect: { kind: "observe" } } });
    const explained = { history, breach, possible: { states: [], isComplete: false } };
    expect(accountOf(explained, MODELS["key-value"]).claim).toContain("returned");
  });
});
