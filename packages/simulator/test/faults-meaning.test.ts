import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endOfFaults, linksOf, nodesOf, parseFaults } from "../src/index.ts";
import { anyFault, NAMES } from "./any-fault.ts";

const NODES = ["n1", "n2", "n3"];

function linksIn(text: string): string[] {
  const [fault] = parseFaults(`cut ${text}`);
  if (fault?.kind !== "cut") throw new Error("a cut");
  return linksOf(fault.links, NODES).map(([from, to]) => `${from}>${to}`);
}

describe("links", () => {
  test.each([
    ["n1>n2", ["n1>n2"]],
    ["n1<>n2", ["n1>n2", "n2>n1"]],
    ["n1>*", ["n1>n2", "n1>n3"]],
    ["*>n1", ["n2>n1", "n3>n1"]],
    ["n1<>*", ["n1>n2", "n1>n3", "n2>n1", "n3>n1"]],
    ["n1,n2>n2,n3", ["n1>n2", "n1>n3", "n2>n3"]],
    ["n1,n2<>n1,n2", ["n1>n2", "n2>n1"]],
    ["*>*", ["n1>n2", "n1>n3", "n2>n1", "n2>n3", "n3>n1", "n3>n2"]],
    ["*<>*", ["n1>n2", "n1>n3", "n2>n1", "n2>n3", "n3>n1", "n3>n2"]],
  ])("%s are %j", (text, expected) => {
    expect(linksIn(text)).toEqual(expected);
  });

  test("never lead from a node to itself, and each is there once", () => {
    fc.assert(
      fc.property(anyFault, (fault) => {
        if (!("links" in fault)) return;
        const pairs = linksOf(fault.links, NAMES);
        expect(new Set(pairs.map(String)).size).toBe(pairs.length);
        expect(pairs.filter(([from, to]) => from === to)).toEqual([]);
      }),
    );
  });
});

test("* means every node, and a list the nodes it names", () => {
  expect(nodesOf("*", NODES)).toEqual(NODES);
  expect(nodesOf(["n3", "n1"], NODES)).toEqual(["n3", "n1"]);
});

describe("the end of all faults", () => {
  test.each([
    ["is 0 without faults", "", 0],
    ["is where the last one ends", "cut n1>n2 at 1s for 5s; crash n1 at 2s for 1s", 6_000_000],
    ["counts from 0 where no beginning is said", "drop 10% for 2s", 2_000_000],
    ["never comes for a cut that nothing heals", "cut n1>n2 at 1s; crash n1 for 9s", null],
    ["is where a heal ends what would never end", "cut n1>n2 at 1s; skew n2 by 1%; heal at 8s", 8_000_000],
    ["is the heal even if a fault would last longer", "cut n1>n2 for 60s; heal at 8s", 8_000_000],
    ["is that of a fault after the heal", "cut n1>n2; heal at 8s; cut n1>n2 at 9s for 1s", 10_000_000],
    ["never comes for a fault after the last heal", "heal at 8s; drop 1% at 9s", null],
    ["never comes for a fault after a heal of the same time", "heal at 8s; drop 1% at 8s", null],
    ["is a heal after a fault of the same time", "drop 1% at 8s; heal at 8s", 8_000_000],
    ["never comes for a crash without a restart", "crash n1 at 1s", null],
    ["is the restart after a crash", "crash n1 at 1s; restart n1 at 3s", 3_000_000],
    ["never comes while a restart is of another node", "crash n1 at 1s; restart n2 at 3s", null],
    ["never comes while one of two crashed nodes is down", "crash n1,n2 at 1s; restart n2 at 3s", null],
    ["is the last restart of several", "crash n1,n2 at 1s; restart n2 at 3s; restart n1 at 4s", 4_000_000],
    ["may come by restarts of every node, one by one", "crash *; restart n3; restart n1,n2 at 2s", 2_000_000],
    ["never comes for a crash after the restart", "restart n1 at 1s; crash n1 at 2s", null],
    ["is the resume after a pause", "pause n1 at 1s; resume * at 2s", 2_000_000],
    ["never comes for a pause that is only restarted", "pause n1 at 1s; restart n1 at 2s", null],
    ["never comes for a crash that is only resumed", "crash n1 at 1s; resume n1 at 2s", null],
    ["is not before a restart that brings nothing back", "crash n1 for 1s; restart n1 at 3s", 3_000_000],
  ])("%s: %s", (_, text, endUs) => {
    expect(endOfFaults(parseFaults(text), NODES)).toBe(endUs);
  });

  test("always comes with a heal behind everything", () => {
    fc.assert(
      fc.property(fc.array(anyFault), (faults) => {
        const healUs = 24 * 60 * 60_000_000;
        const endUs = endOfFaults([...faults, { kind: "heal", atUs: healUs }], NAMES);
        expect(endUs).toBe(healUs);
      }),
    );
  });
});
