import { readFileSync } from "node:fs";
import { InvariantViolation } from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Fault,
  type FaultProblem,
  FaultSyntaxError,
  faultInWords,
  isNodeName,
  type Links,
  parseFaults,
} from "../src/index.ts";
import { anyFault } from "./any-fault.ts";

const ALWAYS = { atUs: null, forUs: null };
const N1_TO_N2: Links = { from: ["n1"], to: ["n2"], bothWays: false };
const EVERY: Links = { from: "*", to: "*", bothWays: false };

function inWords(text: string): string[] {
  return parseFaults(text).map(faultInWords);
}

function problemsOf(text: string, nodes?: readonly string[]): readonly FaultProblem[] {
  try {
    parseFaults(text, nodes);
  } catch (error) {
    if (error instanceof FaultSyntaxError) return error.problems;
    throw error;
  }
  return [];
}

function messagesOf(text: string, nodes?: readonly string[]): string[] {
  return problemsOf(text, nodes).map(({ message }) => message);
}

describe("a line of faults", () => {
  test.each<[string, Fault]>([
    ["cut n1>n2", { kind: "cut", links: N1_TO_N2, ...ALWAYS }],
    ["cut n1>n2 at 2s for 5s", { kind: "cut", links: N1_TO_N2, atUs: 2_000_000, forUs: 5_000_000 }],
    ["cut n1<>n2", { kind: "cut", links: { ...N1_TO_N2, bothWays: true }, ...ALWAYS }],
    [
      "cut n1,n2<>n3,n4,n5 at 0",
      {
        kind: "cut",
        links: { from: ["n1", "n2"], to: ["n3", "n4", "n5"], bothWays: true },
        ...ALWAYS,
        atUs: 0,
      },
    ],
    ["cut *>n1", { kind: "cut", links: { from: "*", to: ["n1"], bothWays: false }, ...ALWAYS }],
    ["cut *>*", { kind: "cut", links: EVERY, ...ALWAYS }],
    ["drop 10%", { kind: "drop", partsPerMillion: 100_000, links: EVERY, ...ALWAYS }],
    ["duplicate 0.0001% n1>n2", { kind: "duplicate", partsPerMillion: 1, links: N1_TO_N2, ...ALWAYS }],
    [
      "reorder 100% for 1m",
      { kind: "reorder", partsPerMillion: 1_000_000, links: EVERY, ...ALWAYS, forUs: 60_000_000 },
    ],
    ["delay by 5ms", { kind: "delay", links: EVERY, by: { leastUs: 5000, mostUs: 5000 }, ...ALWAYS }],
    [
      "delay n1>n2 by 0..250us at 1.5s",
      { kind: "delay", links: N1_TO_N2, by: { leastUs: 0, mostUs: 250 }, ...ALWAYS, atUs: 1_500_000 },
    ],
    ["crash n1", { kind: "crash", nodes: ["n1"], tail: "random", ...ALWAYS }],
    ["crash n1 losing tail for 0", { kind: "crash", nodes: ["n1"], tail: "lost", atUs: null, forUs: 0 }],
    ["crash * keeping tail at 2s", { kind: "crash", nodes: "*", tail: "kept", atUs: 2_000_000, forUs: null }],
    ["pause n1,n2 for 20ms", { kind: "pause", nodes: ["n1", "n2"], atUs: null, forUs: 20_000 }],
    [
      "slow-disk n1 by 1ms..20ms",
      { kind: "slow-disk", nodes: ["n1"], by: { leastUs: 1000, mostUs: 20_000 }, ...ALWAYS },
    ],
    ["skew n1 by +10%", { kind: "skew", nodes: ["n1"], partsPerMillion: 100_000, ...ALWAYS }],
    ["skew n1 by -0.5%", { kind: "skew", nodes: ["n1"], partsPerMillion: -5000, ...ALWAYS }],
    ["restart n1 at 3s", { kind: "restart", nodes: ["n1"], atUs: 3_000_000 }],
    ["resume *", { kind: "resume", nodes: "*", atUs: null }],
    ["heal at 8s", { kind: "heal", atUs: 8_000_000 }],
    ["heal", { kind: "heal", atUs: null }],
  ])("%s: is read as what it says, and printed as it stands here", (text, fault) => {
    expect(parseFaults(text)).toEqual([{ ...fault, line: 1 }]);
    expect(faultInWords(fault)).toBe(text);
  });

  test.each([
    ["clauses in any order", "crash n1 for 5s at 2s losing tail", "crash n1 losing tail at 2s for 5s"],
    ["by after at", "delay n1>n2 at 2s by 5ms", "delay n1>n2 by 5ms at 2s"],
    ["words in any case", "Cut n1>N2 AT 2S For 500Ms", "cut n1>N2 at 2s for 500ms"],
    ["spaces around signs", "\tcut  n1 , n2 <> n3 ,n4", "cut n1,n2<>n3,n4"],
    ["spaces within a range", "delay by 5ms .. 6ms", "delay by 5ms..6ms"],
    ["a skew without a sign", "skew n1 by 10%", "skew n1 by +10%"],
    ["no skew at all", "skew n1 by -0%", "skew n1 by +0%"],
    ["every link, said", "drop 1% *>*", "drop 1%"],
    ["needless zeros", "drop 010.50% at 0.5000000000s for 00ms", "drop 10.5% at 500ms for 0"],
    ["a range of one", "delay by 5ms..5ms", "delay by 5ms"],
    ["parts of a minute", "heal at 0.0000001m; heal at 1.5m; heal at 60s", "heal at 6us; heal at 90s; heal at 1m"],
    ["a day", "heal at 1440m", "heal at 1440m"],
  ])("may be written otherwise: %s", (_, text, canonical) => {
    expect(inWords(text).join("; ")).toBe(canonical);
  });

  test.each(["n1", "a1", "1", "node-3", "proposer.2", "127.0.0.1:5001", "_", "cut", "heal", "tail", "at1", "N1"])(
    "can name the node %s, and names are exact",
    (name) => {
      expect(isNodeName(name)).toBe(true);
      expect(parseFaults(`crash ${name} at 1s`)).toMatchObject([{ nodes: [name], atUs: 1_000_000 }]);
      expect(inWords(`cut ${name}>x`)).toEqual([`cut ${name}>x`]);
    },
  );

  test.each(["", "at", "FOR", "by", "losing", "keeping", "n1-", "-n1", "n..1", "n 1", "n>1", "a,b", "ä", "*", "n1\n"])(
    "cannot name a node %j",
    (name) => {
      expect(isNodeName(name)).toBe(false);
      expect(() => faultInWords({ kind: "pause", nodes: [name], ...ALWAYS })).toThrow(InvariantViolation);
    },
  );

  test("comes back from its words as it was, and its words stay the same", () => {
    fc.assert(
      fc.property(anyFault, (fault) => {
        const words = faultInWords(fault);
        const [read, ...others] = parseFaults(words);
        expect(others).toEqual([]);
        expect(read).toEqual({ ...fault, line: 1 });
        expect(read && faultInWords(read)).toBe(words);
      }),
      { numRuns: 2000 },
    );
  });

  test("knows one zero: a skew of -0% is one of 0", () => {
    expect(parseFaults("skew n1 by -0%")).toEqual(parseFaults("skew n1 by 0%"));
  });

  test.each([0.5, -1, Number.NaN, 24 * 60 * 60_000_000 + 1])("is not printed with a time of %d us", (atUs) => {
    expect(() => faultInWords({ kind: "heal", atUs })).toThrow(InvariantViolation);
  });
});

describe("a file of faults", () => {
  test("has comments, empty lines, any ends of lines, and keeps the number of each line", () => {
    const text = "\uFEFF# a plan\r\n\r\ncut n1>n2 at 2s # the leader\n\n;crash n1;; heal at 8s ;\r# cut n3>n4\rheal";
    expect(parseFaults(text).map((fault) => `${fault.line}: ${faultInWords(fault)}`)).toEqual([
      "3: cut n1>n2 at 2s",
      "5: crash n1",
      "5: heal at 8s",
      "7: heal",
    ]);
  });

  test.each(["", " \n\t\n", "# nothing", ";;"])("may hold none: %j", (text) => {
    expect(parseFaults(text)).toEqual([]);
  });

  test("comes back whole", () => {
    fc.assert(
      fc.property(fc.array(anyFault), fc.constantFrom("\n", "\r\n", ";", " ; # and\n"), (faults, separator) => {
        const read = parseFaults(faults.map(faultInWords).join(separator));
        expect(read.map(({ line: _, ...fault }) => fault)).toEqual(faults);
      }),
    );
  });

  test("every example of docs/faults.md is one", () => {
    const document = readFileSync(new URL("../../../docs/faults.md", import.meta.url), "utf8");
    const blocks = [...document.matchAll(/^```faults\n(.*?)^```/gms)].map(([, block]) => block ?? "");
    const cells = [...document.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell ?? "");
    expect(parseFaults(blocks.join("\n")).length).toBeGreaterThan(5);
    const kinds = parseFaults(cells.join("\n")).map(({ kind }) => kind);
    expect([...new Set(kinds)].sort().join(" ")).toBe(
      "crash cut delay drop duplicate heal pause reorder restart resume skew slow-disk",
    );
  });
});

describe("a problem in a text of faults", () => {
  const KINDS = "cut, drop, duplicate, reorder, delay, crash, pause, slow-disk, skew, restart, resume or heal";
  const NODE = "the name of a node, such as n1";
  const TIME = "a time, such as 2s, 1.5s, 500ms or 250us";

  test.each([
    ["cutt n1>n2", `"cutt": expected ${KINDS}; did you mean cut?`],
    ["slow n1 by 5ms", `"slow": expected ${KINDS}; did you mean slow-disk?`],
    ["explode n1", `"explode": expected ${KINDS}`],
    ["constructor", `"constructor": expected ${KINDS}`],
    ["cut n1>n2 foor 5s", `"foor": expected at or for; did you mean for?`],
    ["cut n1>n2 at 2s foor 5s", `"foor": expected for; did you mean for?`],
    ["delay n1>n2 bye 5ms", `"bye": expected by, at or for; did you mean by?`],
    ["drop 10% n1 at 2s", `"n1": expected at or for`],
    ["drop 10% >n2", `">": expected ${NODE}, or *`],
    ["drop 10% * at 2s", `"at": expected > or <> and the other end, as in n1>n2`],
    ["cut n1>n2 at 2s at 3s", `"at": is said twice`],
    ["crash n1 losing tail keeping tail", `"keeping": expected at or for`],
    ["crash n1 losing it", `"it": expected tail`],
    ["crash n1 losing", `expected tail after "losing"`],
    ["heal for 2s", `"for": expected at`],
    ["heal at 2s for 3s", `"for": expected ; or the end of the line`],
    ["heal at 2s cut n1>n2", `"cut": expected ; or the end of the line`],
    ["restart n1 for 2s", `"for": expected at`],
    ["cut", `expected ${NODE}, or * after "cut"`],
    ["cut at 2s", `"at": expected ${NODE}, or *`],
    ["cut n1 at 2s", `"at": expected > or <> and the other end, as in n1>n2`],
    ["cut n1", `expected > or <> and the other end, as in n1>n2 after "n1"`],
    ["cut n1<n2", `"<": expected > or <> and the other end, as in n1>n2`],
    ["cut n1->n2", `"n1-": expected ${NODE}, or *`],
    ["cut n1>n2,", `expected ${NODE} after ","`],
    ["cut n1>*,n2", `",": expected at or for`],
    ["cut n1,*>n2", `"*": expected ${NODE}`],
    ["cut n1>n1", `"n1": a node has no link to itself`],
    ["pause n1,n2,n1", `"n1": is named twice`],
    ["drop n1>n2", `"n1": expected a percentage from 0% to 100%, such as 10%`],
    ["drop 10", `"10": expected a percentage from 0% to 100%, such as 10%`],
    ["drop", `expected a percentage, such as 10% after "drop"`],
    ["drop 100.0001%", `"100.0001%": expected a percentage from 0% to 100%`],
    ["drop -1%", `"-1%": expected a percentage from 0% to 100%`],
    ["drop 1.00001%", `"1.00001%": has more than four decimals`],
    ["skew n1", `"skew": does not say by how much; add by +10%, for example`],
    ["skew n1 by -100%", `"-100%": expected a percentage from -99% to +1000%`],
    ["skew n1 by 5ms", `"5ms": expected a percentage from -99% to +1000%, such as 10%`],
    ["delay n1>n2 at 2s", `"delay": does not say by how much; add by 50ms..200ms, for example`],
    ["delay by 20ms..1ms", `"1ms": is less than 20ms: a range goes from low to high`],
    ["delay by 1..5ms", `"1": a time needs a unit: write 1s, 1ms or 1us`],
    ["delay by 1ms..", `expected ${TIME} after ".."`],
    ["heal at 5", `"5": a time needs a unit: write 5s, 5ms or 5us`],
    ["heal at 2.5", `"2.5": a time needs a unit: write 2.5s, 2.5ms or 2.5us`],
    ["heal at 2h", `"2h": expected ${TIME}`],
    ["heal at -2s", `"-2s": expected ${TIME}`],
    ["heal at", `expected ${TIME} after "at"`],
    ["heal at 0.5us", `"0.5us": is finer than a microsecond`],
    ["heal at 1.0000001s", `"1.0000001s": is finer than a microsecond`],
    ["heal at 0.00000001m", `"0.00000001m": is finer than a microsecond`],
    ["heal at 1440.1m", `"1440.1m": is longer than a day (1440m)`],
    ["heal at 99999999999999999999s", `"99999999999999999999s": is longer than a day (1440m)`],
    ["heal\u001b[2J", `"heal?[2J": expected ${KINDS}`],
    [`${"x".repeat(50)}`, `"${"x".repeat(40)}...": expected ${KINDS}`],
  ])("is told with line and word: %s", (text, message) => {
    expect(messagesOf(text)).toEqual([`line 1: ${message}`]);
    expect(messagesOf(`# one\n\n${text}`)).toEqual([`line 3: ${message}`]);
  });

  test("has a place and a word for programs", () => {
    expect(problemsOf("heal\n  cut n1>n2 at 2s; crash n1 foor 5s")).toEqual([
      { line: 2, column: 29, word: "foor", message: expect.stringContaining("did you mean for?") },
    ]);
    expect(problemsOf("heal at ; heal")).toMatchObject([{ line: 1, column: 6, word: "at" }]);
  });

  test("does not hide the next one: every fault is looked at, and nothing is taken of a text with problems", () => {
    const text = "cutt n1>n2\nheal at 2s\ncrash n1 at 5; pause at 2s";
    expect(problemsOf(text).map(({ line, word }) => [line, word])).toEqual([
      [1, "cutt"],
      [3, "5"],
      [3, "at"],
    ]);
    expect(() => parseFaults(text)).toThrow(messagesOf(text).join("\n"));
  });

  test("is told twenty times at most", () => {
    expect(problemsOf("nonsense\n".repeat(1000))).toHaveLength(20);
  });

  test("may be a name that no node has, with the one that was meant", () => {
    const nodes = ["leader", "a1", "a2"];
    const there = "there is no such node; the nodes are leader, a1, a2";
    expect(messagesOf("heal\n\ncut a1<>b7", nodes)).toEqual([`line 3: "b7": ${there}`]);
    expect(messagesOf("crash leeder", nodes)).toEqual([`line 1: "leeder": ${there}; did you mean leader?`]);
    expect(messagesOf("crash A1", nodes)).toEqual([`line 1: "A1": ${there}; did you mean a1?`]);
    expect(messagesOf("crash a3", nodes)).toEqual([`line 1: "a3": ${there}`]);
    expect(messagesOf("crash a1; cut leader>a2; pause *", nodes)).toEqual([]);
  });

  test("does not list hundreds of nodes", () => {
    const nodes = Array.from({ length: 300 }, (_, place) => `n${place + 1}`);
    const listed = "n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, ...";
    expect(messagesOf("crash x", nodes)).toEqual([`line 1: "x": there is no such node; the nodes are ${listed}`]);
  });

  test("is the only thing that a text can come to, whatever it is", () => {
    const word = fc.constantFrom(
      "cut",
      "drop",
      "crash",
      "at",
      "for",
      "by",
      "n1",
      ">",
      "<>",
      ",",
      "*",
      "2s",
      "..",
      "5%",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.oneof(word, fc.string({ maxLength: 3 })), { maxLength: 12 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (any) => {
        for (const { line, word } of problemsOf(any)) expect(line >= 1 && word.length >= 1).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
