import type { Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { Machine } from "../src/simulation/machine.ts";
import {
  happenings,
  letter,
  letters,
  MS,
  recall,
  recalled,
  story,
  tell,
  timesOf,
  WRITE_1,
  waysIn,
} from "./obedient-system.ts";

describe("a disk", () => {
  test("keeps through crashes what was on it, and a node starts with that", () => {
    const crashes = "crash n1 losing tail at 15ms for 1ms; crash n1 keeping tail at 30ms for 1ms";
    const seen = happenings([WRITE_1, recall(10), recall(20), recall(40)], crashes);
    expect(recalled(seen)).toEqual(["w1", "w1", "w1"]);
    expect(story(seen, "store", "crash", "restart")).toEqual([
      "n1 store w1",
      "n1 crash lost",
      "n1 restart",
      "n1 crash kept",
      "n1 restart",
    ]);
  });

  // The first flush begins at once and takes 0.2 ms at least, so at 0.15 ms it is under way, and w2 waits.
  const twoWrites = [WRITE_1, tell(0.1, "n1", { writes: ["w2"] }), recall(20)];

  test("loses of a crash that loses the tail the flush under way, whole, and what waited", () => {
    const seen = happenings(twoWrites, "crash n1 losing tail at 150us for 1ms");
    expect(story(seen, "store", "crash", "reply")).toEqual(["n1 crash lost", "n1 reply "]);
  });

  test("keeps of a crash that keeps the tail the flush under way, whole, and never what waited", () => {
    const writes = [tell(0, "n1", { writes: ["w1", "w1b"] }), ...twoWrites.slice(1)];
    const seen = happenings(writes, "crash n1 keeping tail at 150us for 1ms");
    expect(story(seen, "store", "crash", "reply")).toEqual(["n1 crash kept", "n1 store w1 w1b", "n1 reply w1 w1b"]);
  });

  test("leaves it to the seed when the crash does not say, the same each time, and both happen", () => {
    const kept = Array.from({ length: 40 }, (_, seed) => {
      const [one, other] = [1, 2].map(() => happenings(twoWrites, "crash n1 at 150us for 1ms", { seed }));
      expect(one).toEqual(other);
      return recalled(one ?? [])[0] === "w1";
    });
    const share = kept.filter(Boolean).length;
    expect(share).toBeGreaterThan(10);
    expect(share).toBeLessThan(30);
  });

  test("never has two flushes under way, and begins the next as soon as one is done, with all that waited", () => {
    const writes = Array.from({ length: 200 }, (_, place) => tell(place / 10, "n1", { writes: [`${place}`] }));
    const seen = happenings(writes);
    const flushes = timesOf(seen, "flush");
    const synced = timesOf(seen, "synced");
    expect(story(seen, "flush", "synced")).toEqual(flushes.flatMap(() => ["n1 flush", "n1 synced"]));
    expect(flushes.slice(1)).toEqual(synced.slice(0, -1));
    const stored = seen.flatMap((one) => (one.kind === "store" ? [one.writes] : []));
    expect(stored.flat()).toEqual(writes.map((_, place) => `${place}`));
    stored.forEach((group, place) => {
      // All that came until the flush began, and nothing of what came after.
      const last = Number(group.at(-1)) * 100;
      const beganUs = flushes[place] ?? 0;
      expect(last <= beganUs && (beganUs - last <= 100 || last === 19_900)).toBe(true);
    });
  });

  test("takes 0.2 to 2 ms for a flush", () => {
    const random = { below: (bound: number) => bound - 1 } as Random;
    expect(new Machine(random).flushUs()).toBe(2 * MS);
    expect(new Machine({ below: () => 0 } as unknown as Random).flushUs()).toBe(200);
  });

  test("of a crash in vain: what a flush of an earlier life had under way does not end in the next", () => {
    const again = tell(0.19, "n1", { writes: ["w2"] });
    const seen = happenings([WRITE_1, again], "crash n1 losing tail at 150us for 10us");
    expect(story(seen, "flush", "synced", "store")).toEqual(["n1 flush", "n1 flush", "n1 synced", "n1 store w2"]);
    const [, secondUs = 0] = timesOf(seen, "flush");
    expect((timesOf(seen, "synced")[0] ?? 0) - secondUs).toBeGreaterThanOrEqual(200);
  });
});

describe("nothing leaves before what was written earlier is durable", () => {
  test("neither messages nor replies nor what is decided, also of later steps that write nothing", () => {
    const seen = happenings([
      tell(0, "n1", { writes: ["w1"], ...letter("n2", "told"), decide: [{ slot: 1, command: {} }] }),
      tell(0.1, "n1", { reply: "read" }),
    ]);
    expect(story(seen, "request", "store", "send", "reply", "apply")).toEqual([
      "n1 request",
      "n1 request",
      "n1 store w1",
      "n1 send told",
      "n1 apply",
      "n1 reply read",
    ]);
  });

  test("nor after a crash that lost the write, nor after one that kept it: nobody has been told", () => {
    const order = tell(0, "n1", { writes: ["w1"], ...letter("n2", "told") });
    for (const tail of ["losing", "keeping"]) {
      expect(story(happenings([order], `crash n1 ${tail} tail at 150us for 1ms`), "send")).toEqual([]);
    }
  });

  test("but what a protocol lets leave before its writes leaves at once", () => {
    const early = { to: "n2", letter: { text: "early" }, beforeWrites: true } as const;
    const seen = happenings([tell(0, "n1", { writes: ["w1"], send: [early] })]);
    expect(story(seen, "send", "store")).toEqual(["n1 send early", "n1 store w1"]);
  });
});

describe("a crash", () => {
  test("takes the timers along, also where the node is up again when they would go off", () => {
    const timer = tell(1, "n1", { timers: [{ timer: "t", afterMs: 50 }] });
    expect(timesOf(happenings([timer]), "timeout")).toEqual([51 * MS]);
    expect(timesOf(happenings([timer], "crash n1 at 10ms for 1ms"), "timeout")).toEqual([]);
    const anew = tell(20, "n1", { timers: [{ timer: "t", afterMs: 50 }] });
    expect(timesOf(happenings([timer, anew], "crash n1 at 10ms for 1ms"), "timeout")).toEqual([70 * MS]);
  });

  test("loses the messages that come while the node is down, and lets requests vanish", () => {
    const seen = happenings(
      [...letters("n2", "n1", 100), tell(50, "n1", { reply: "here" }), tell(90, "n1", { reply: "again" })],
      "crash n1 at 40ms for 30ms",
    );
    const downAt = (atUs: number) => atUs >= 40 * MS && atUs < 70 * MS;
    const lost = seen.filter(({ kind }) => kind === "lose");
    expect(lost.length).toBeGreaterThan(20);
    expect(lost.filter((one) => !(one.kind === "lose" && one.why === "down" && downAt(one.atUs)))).toEqual([]);
    expect(timesOf(seen, "deliver").filter(downAt)).toEqual([]);
    expect(waysIn(seen).filter(({ arrivedUs, lost: { length } }) => arrivedUs.length + length !== 1)).toEqual([]);
    expect(story(seen, "request", "reply").filter((line) => line.startsWith("n1"))).toEqual([
      "n1 request",
      "n1 reply again",
    ]);
  });

  test("lets what the node sent before get through", () => {
    const [way] = waysIn(happenings([tell(0, "n1", letter("n2", "farewell"))], "crash n1 at 100us"));
    expect(way?.arrivedUs).toHaveLength(1);
  });

  test("is over when the last of those that overlap is; those of a node that is down change nothing else", () => {
    const seen = happenings(
      [],
      "crash n1 at 10ms for 50ms; crash n1 keeping tail at 30ms for 60ms; crash n1 at 40ms for 1ms",
    );
    expect([timesOf(seen, "crash"), timesOf(seen, "restart")]).toEqual([[10 * MS], [90 * MS]]);
  });

  test("that never ends leaves the node down", () => {
    expect(timesOf(happenings([recall(9_000_000)], "crash n1 at 10ms"), "reply")).toEqual([]);
  });

  test("of several nodes takes them all, and each starts again on its own", () => {
    const seen = happenings([], "crash n1,n3 at 10ms for 90ms; restart n3 at 50ms");
    const times = ["n1", "n2", "n3"].map((node) => [timesOf(seen, "crash", node), timesOf(seen, "restart", node)]);
    expect(times).toEqual([
      [[10 * MS], [100 * MS]],
      [[], []],
      [[10 * MS], [50 * MS]],
    ]);
  });
});

describe("a restart", () => {
  test("ends every crash of the node that is under way, and of no other node", () => {
    const seen = happenings([], "crash * at 10ms; crash n1 at 20ms for 1s; restart n1,n2 at 50ms");
    const times = ["n1", "n2", "n3"].map((node) => timesOf(seen, "restart", node));
    expect(times).toEqual([[50 * MS], [50 * MS], []]);
  });

  test("does nothing to a node that is up, and ends nothing that begins later", () => {
    const seen = happenings([], "restart n1 at 10ms; crash n1 at 20ms");
    expect(story(seen, "crash", "restart")).toEqual([expect.stringMatching("n1 crash")]);
  });

  test("gives the node its first input, at each start, and another part of chance in each life", () => {
    const first = { n1: { recall: true, timers: [{ timer: "t", afterMs: 5 }] } } as const;
    const seen = happenings([WRITE_1], "crash n1 at 50ms for 10ms; crash n1 at 80ms for 10ms", { first });
    expect([timesOf(seen, "reply"), recalled(seen)]).toEqual([
      [0, 60 * MS, 90 * MS],
      ["", "w1", "w1"],
    ]);
    expect(timesOf(seen, "timeout")).toEqual([5 * MS, 65 * MS, 95 * MS]);
    const drawn = (seed: number) =>
      happenings([WRITE_1], "crash n1 at 50ms for 10ms", { first, seed }).flatMap((one) =>
        one.kind === "reply" ? [one.reply.replace("w1 ", "")] : [],
      );
    expect(new Set([...drawn(1), ...drawn(2)]).size).toBe(4);
    expect(drawn(1)).toEqual(drawn(1));
  });

  test("flushes what the first input writes", () => {
    const seen = happenings([recall(40)], "crash n1 at 20ms for 10ms", { first: { n1: { writes: ["again"] } } });
    expect(recalled(seen)).toEqual(["again again"]);
    expect(timesOf(seen, "synced")).toHaveLength(2);
  });

  test("is under the faults that are there from the beginning: cut links, skewed clocks", () => {
    const first = { n1: { ...letter("n2", "hello"), timers: [{ timer: "t", afterMs: 100 }] } };
    const seen = happenings([], "cut n1>n2; skew n1 by +100%", { first });
    expect(story(seen, "deliver")).toEqual([]);
    expect(timesOf(seen, "timeout")).toEqual([50 * MS]);
  });

  test("comes before a crash of that very moment, which takes away what it did", () => {
    const seen = happenings([recall(40)], "crash n1 losing tail for 20ms", { first: { n1: { writes: ["again"] } } });
    expect(story(seen, "crash", "restart")).toEqual(["n1 crash lost", "n1 restart"]);
    expect(recalled(seen)).toEqual(["again"]);
  });
});

describe("a timer", () => {
  const set = (atMs: number, afterMs: number | null) => tell(atMs, "n1", { timers: [{ timer: "t", afterMs }] });

  test("goes off once, at its time, and at once if it is for no time at all", () => {
    expect(timesOf(happenings([set(1, 50)]), "timeout")).toEqual([51 * MS]);
    expect(timesOf(happenings([set(1, 0)]), "timeout")).toEqual([1 * MS + 1]);
  });

  test("that is set anew takes the place of the old one, sooner or later", () => {
    expect(timesOf(happenings([set(1, 50), set(20, 50)]), "timeout")).toEqual([70 * MS]);
    expect(timesOf(happenings([set(1, 50), set(20, 5)]), "timeout")).toEqual([25 * MS]);
  });

  test("that is taken back does not go off, and one of another name does", () => {
    const other = tell(1, "n1", { timers: [{ timer: "other", afterMs: 50 }] });
    expect(story(happenings([set(1, 50), other, set(20, null)]), "timeout")).toEqual(["n1 timeout other"]);
  });

  test("may set itself again from what it leads to", () => {
    const once = { timers: [{ timer: "t", afterMs: 10 }] };
    const twice = { timers: [{ timer: "t", afterMs: 20, order: once }] };
    expect(timesOf(happenings([tell(0, "n1", twice)]), "timeout")).toEqual([20 * MS, 30 * MS]);
  });
});
