import { describe, expect, test } from "vitest";
import { cutBetween, faultsAbout, faultsOf, isCut, isPauseOf, placesNow } from "../src/words/faults.ts";

const fault = (id: number, text: string, { actsHere = true, endsInMs = null as number | null } = {}) => ({
  ...{ id, text, actsHere, endsInMs },
});
const node = (name: string, ...faults: ReturnType<typeof fault>[]) => ({ name, roles: [], answers: true, faults });

test("a fault that was told to several nodes is one, with each place where it does something", () => {
  const faults = faultsOf([
    node("a", fault(1, "cut a<>b"), fault(2, "pause b", { actsHere: false })),
    node("b", fault(7, "cut a<>b"), fault(8, "pause b", { endsInMs: 500 })),
  ]);
  expect(faults).toEqual([
    {
      text: "cut a<>b",
      endsInMs: null,
      places: [
        { node: "a", id: 1 },
        { node: "b", id: 7 },
      ],
    },
    { text: "pause b", endsInMs: 500, places: [{ node: "b", id: 8 }] },
  ]);
});

describe("a fault is ended", () => {
  const seen = faultsOf([node("a", fault(1, "cut a<>b"))]);

  test("where it has begun by now", () => {
    const now = [node("a", fault(1, "cut a<>b"), fault(2, "pause a")), node("b", fault(7, "cut a<>b"))];
    expect(placesNow(seen, now)).toEqual([
      { node: "a", id: 1 },
      { node: "b", id: 7 },
    ]);
  });

  test("where it was seen, at a node that does not answer now", () => {
    expect(placesNow(seen, [])).toEqual([{ node: "a", id: 1 }]);
    expect(placesNow(seen, [{ ...node("a"), answers: false }, node("b")])).toEqual([{ node: "a", id: 1 }]);
  });

  test("and not another one that has its number since the node was started anew", () => {
    expect(placesNow(seen, [node("a", fault(1, "slow-disk a by 5ms")), node("b")])).toEqual([]);
  });
});

test("a fault lasts as long as it does anywhere", () => {
  const lasting = (...ends: (number | null)[]) =>
    faultsOf(ends.map((endsInMs, i) => node(`n${i}`, fault(1, "cut a>b", { endsInMs }))))[0]?.endsInMs;
  expect([lasting(10, 30, 20), lasting(10, null), lasting(null, 10)]).toEqual([30, null, null]);
});

describe("the faults that are about a node", () => {
  const faults = faultsOf([
    node("a", fault(1, "cut a>b"), fault(2, "slow-disk a by 5ms"), fault(3, "drop 5%")),
    node("b", fault(1, "cut b<>*"), fault(2, "delay a,b>c by 2ms for 5s")),
    node("c", fault(1, "cut b<>*"), fault(2, "drop 10% *>*")),
  ]);
  const about = (name: string) => faultsAbout(name, faults).map(({ text }) => text);

  test("name it as an end of a link; one that is cut off from everybody is not everybody's affair", () => {
    expect(about("b")).toEqual(["cut a>b", "cut b<>*", "delay a,b>c by 2ms for 5s"]);
    expect(about("c")).toEqual(["delay a,b>c by 2ms for 5s", "drop 10% *>*"]);
  });

  test("or are at work in it, and name no node in particular", () => {
    expect(about("a")).toEqual(["cut a>b", "slow-disk a by 5ms", "drop 5%", "delay a,b>c by 2ms for 5s"]);
  });
});

test("a cut and a pause are known by their first word, and a pause by where it is", () => {
  const [cut, pause] = faultsOf([node("a", fault(1, "cut a>b"), fault(2, "pause a"))]);
  if (!cut || !pause) throw new Error("both are faults");
  expect([isCut(cut), isCut(pause)]).toEqual([true, false]);
  expect([isPauseOf("a", pause), isPauseOf("b", pause), isPauseOf("a", cut)]).toEqual([true, false, false]);
});

test("two nodes are cut off from each other at both, and one from all others at every node", () => {
  expect(cutBetween("a", "b", ["a", "b", "c"])).toEqual({ text: "cut a<>b", at: ["a", "b"] });
  expect(cutBetween("a", "*", ["a", "b", "c"])).toEqual({ text: "cut a<>*", at: ["a", "b", "c"] });
});

test("a node is cut off from one that is down where it can be told, so that this is no failure", () => {
  expect(cutBetween("a", "b", ["a", "c"])).toEqual({ text: "cut a<>b", at: ["a"] });
});
