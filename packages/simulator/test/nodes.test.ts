import type { Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { parseFaults } from "../src/index.ts";
import { Machine } from "../src/simulation/machine.ts";
import { type Happening, happenings, letter, letters, story, tell, waysIn } from "./obedient-system.ts";

const MS = 1000;
const WRITE_1 = tell(0, "n1", { writes: ["w1"] });
const recall = (atMs: number) => tell(atMs, "n1", { recall: true });

/** What n1 says that it knows, at each recall. */
function recalled(seen: readonly Happening[]): string[] {
  return story(seen, "reply").map((line) => line.replace("n1 reply", "").trim());
}

function timesOf(seen: readonly Happening[], kind: Happening["kind"], node = "n1"): number[] {
  return seen.flatMap((one) => (one.kind === kind && "node" in one && one.node === node ? [one.atUs] : []));
}

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

describe("a pause", () => {
  const busy = [
    tell(0, "n1", { timers: [{ timer: "soon", afterMs: 30, order: letter("n2", "timer") }] }),
    tell(9.9, "n1", { writes: ["w1"], reply: "written" }),
    tell(20, "n2", letter("n1", "ping", letter("n2", "pong"))),
    tell(40, "n1", letter("n2", "asked")),
  ];

  test("lets the node do nothing, and then everything in order", () => {
    const seen = happenings(busy, "pause n1 at 10ms for 90ms");
    const own = seen.filter((one) => "node" in one && one.node === "n1");
    expect(own.filter(({ atUs }) => atUs > 10 * MS && atUs < 100 * MS)).toEqual([]);
    expect(story(own, "pause", "resume", "synced", "deliver", "timeout", "request", "send", "reply")).toEqual([
      "n1 request",
      "n1 request",
      "n1 pause",
      "n1 resume",
      "n1 synced",
      "n1 reply written",
      "n1 deliver ping",
      "n1 send pong",
      "n1 timeout soon",
      "n1 send timer",
      "n1 request",
      "n1 send asked",
    ]);
    expect(new Set(own.slice(own.findIndex(({ kind }) => kind === "resume")).map(({ atUs }) => atUs))).toEqual(
      new Set([100 * MS]),
    );
  });

  test("of one node leaves the others at work", () => {
    const ways = waysIn(happenings([...letters("n2", "n3", 50), ...letters("n2", "n1", 50)], "pause n1 for 1s"));
    const on = (link: string) => ways.filter((way) => way.link === link).flatMap(({ arrivedUs }) => arrivedUs);
    expect(Math.max(...on("n2>n3"))).toBeLessThan(61 * MS);
    expect(new Set(on("n2>n1"))).toEqual(new Set([1000 * MS]));
  });

  test("is over when the last of those that overlap is, or at a resume, and starts and ends once", () => {
    const times = (faults: string) => {
      const seen = happenings([], faults);
      return [timesOf(seen, "pause"), timesOf(seen, "resume")];
    };
    const two = "pause n1 at 10ms for 50ms; pause n1 at 30ms for 60ms";
    expect(times(two)).toEqual([[10 * MS], [90 * MS]]);
    expect(times(`${two}; resume n1 at 40ms`)).toEqual([[10 * MS], [40 * MS]]);
    expect(times(`${two}; resume n2 at 40ms; restart n1 at 50ms`)).toEqual([[10 * MS], [90 * MS]]);
    expect(times("resume n1 at 5ms; pause n1 at 10ms")).toEqual([[10 * MS], []]);
  });

  test("goes through a timer that is taken back by what came before it", () => {
    const seen = happenings(
      [
        tell(0, "n1", { timers: [{ timer: "t", afterMs: 30 }] }),
        tell(20, "n1", { timers: [{ timer: "t", afterMs: null }] }),
      ],
      "pause n1 at 10ms for 90ms",
    );
    expect(timesOf(seen, "timeout")).toEqual([]);
  });

  test("that a crash hits loses all that waited: messages, timers, requests, the flush under way", () => {
    const seen = happenings([...busy, recall(120)], "pause n1 at 10ms for 40ms; crash n1 losing tail at 45ms for 50ms");
    expect(story(seen, "crash", "restart", "lose", "synced", "reply", "timeout", "resume")).toEqual([
      "n1 lose ping: down",
      "n1 crash lost",
      "n1 resume",
      "n1 restart",
      "n1 reply ",
    ]);
    expect(timesOf(seen, "lose")).toEqual([45 * MS]);
  });

  test("lets a node that crashed start only when it is over, and nothing waits for that node meanwhile", () => {
    const first = { n1: { ...letter("n2", "here I am") } };
    const faults = "pause n1 at 10ms for 90ms; crash n1 at 20ms for 20ms";
    const seen = happenings([tell(50, "n2", letter("n1", "too early"))], faults, { first });
    expect(timesOf(seen, "restart")).toEqual([100 * MS]);
    expect(timesOf(seen, "send")).toEqual([0, 100 * MS]);
    const [loss = 0] = timesOf(seen, "lose");
    expect(loss).toBeLessThan(61 * MS);
    expect(timesOf(seen, "deliver")).toEqual([]);
  });

  test("keeps down a node that crashes anew before it could start", () => {
    const seen = happenings([], "pause n1 at 10ms for 50ms; crash n1 at 20ms for 10ms; crash n1 at 40ms for 160ms");
    expect([timesOf(seen, "crash"), timesOf(seen, "restart")]).toEqual([[20 * MS], [200 * MS]]);
  });
});

describe("a clock that is wrong", () => {
  const set = (atMs: number, node = "n1") => tell(atMs, node, { timers: [{ timer: "t", afterMs: 100 }] });
  const after = (faults: string, node = "n1") =>
    (timesOf(happenings([set(10, node)], faults), "timeout", node)[0] ?? 0) - 10 * MS;

  test.each([
    ["skew n1 by +100%", 50 * MS],
    ["skew n1 by -50%", 200 * MS],
    ["skew n1 by +10%", 90_909],
    ["skew n1 by +10%; skew n1 by -10%", 100 * MS],
    ["skew n1 by +50%; skew * by +50%", 50 * MS],
    ["skew n1 by -99%; skew n1 by -99%", 10_000 * MS],
    ["skew n1 by -80%; skew n1 by -20%; skew n1 by -20%", 10_000 * MS],
  ])("makes its timers of 100 ms early or late: %s", (faults, expected) => {
    expect(after(faults)).toBe(expected);
  });

  test("is the node's alone, and says nothing of timers that were set before it or after it", () => {
    expect(after("skew n1 by +100%", "n2")).toBe(100 * MS);
    expect(after("skew n1 by +100% at 11ms")).toBe(100 * MS);
    expect(after("skew n1 by +100% for 9ms")).toBe(100 * MS);
    expect(after("skew n1 by +100% for 11ms")).toBe(50 * MS);
  });
});

describe("a slow disk", () => {
  const answered = (faults: string, node = "n1") =>
    timesOf(happenings([tell(10, node, { writes: ["w"], reply: "done" })], faults), "reply", node)[0] ?? 0;

  test("delays answers by so much, and those of other nodes not", () => {
    const usualMs = (answered("") - 10 * MS) / MS;
    expect([usualMs >= 0.2, usualMs <= 2]).toEqual([true, true]);
    expect(answered("slow-disk n1 by 50ms") - 60 * MS).toBeGreaterThanOrEqual(200);
    expect(answered("slow-disk n1 by 50ms") - 60 * MS).toBeLessThanOrEqual(2 * MS);
    expect(answered("slow-disk n1 by 50ms", "n2")).toBeLessThanOrEqual(12 * MS);
    expect(answered("slow-disk n1 by 50ms for 9ms")).toBe(answered(""));
    expect(answered("slow-disk n1 by 50ms at 11ms for 99ms")).toBe(answered(""));
  });

  test("draws the time from its range, and slow disks add up until each is over", () => {
    const machine = (below: (bound: number) => number) => new Machine({ below } as unknown as Random);
    const [one, other] = parseFaults("slow-disk n1 by 5ms..7ms; slow-disk n1 by 10ms");
    if (one?.kind !== "slow-disk" || other?.kind !== "slow-disk") throw new Error("two slow disks");
    const slowest = machine((bound) => bound - 1);
    const fastest = machine(() => 0);
    const spans: number[][] = [];
    for (const [fault, begins] of [
      [one, true],
      [other, true],
      [one, false],
      [other, false],
    ] as const) {
      for (const each of [fastest, slowest]) each.apply(fault, begins);
      spans.push([fastest.flushUs(), slowest.flushUs()]);
    }
    expect(spans).toEqual([
      [5200, 9 * MS],
      [15_200, 19 * MS],
      [10_200, 12 * MS],
      [200, 2 * MS],
    ]);
  });
});

describe("heal", () => {
  test("ends every fault that is under way, of links and of nodes", () => {
    const sorts = "cut n1>n2; drop 100% n1>n3; delay n2>n1 by 9s; duplicate 100% n2>n3; reorder 100% n3>n1";
    const others = "crash n1 at 1ms; pause n2 at 1ms for 9s; skew n3 by +100%; slow-disk n3 by 9s";
    const requests = [
      ...["n1>n2", "n1>n3", "n2>n1", "n2>n3", "n3>n1"].map((link) => {
        const [from = "", to = ""] = link.split(">");
        return tell(60, from, letter(to, link));
      }),
      tell(60, "n3", { writes: ["w"], reply: "done", timers: [{ timer: "t", afterMs: 100 }] }),
    ];
    const seen = happenings(requests, `${sorts}; ${others}; heal at 50ms`);
    expect(timesOf(seen, "restart")).toEqual([50 * MS]);
    expect(timesOf(seen, "resume", "n2")).toEqual([50 * MS]);
    for (const { sentUs, arrivedUs, lost } of waysIn(seen)) {
      expect([lost, arrivedUs.length, sentUs]).toEqual([[], 1, 60 * MS]);
      expect(arrivedUs[0]).toBeLessThanOrEqual(70 * MS);
    }
    expect(timesOf(seen, "reply", "n3")[0]).toBeLessThanOrEqual(62 * MS);
    expect(timesOf(seen, "timeout", "n3")).toEqual([160 * MS]);
  });

  test("leaves what begins later, and what it ended does not end a second time", () => {
    const seen = happenings(
      letters("n1", "n2", 200),
      "cut n1>n2 at 10ms for 100ms; heal at 50ms; cut n1>n2 at 90ms for 60ms",
    );
    const arrived = waysIn(seen).filter(({ lost }) => lost.length === 0);
    const sentAt = arrived.map(({ sentUs }) => sentUs / MS);
    expect(sentAt.filter((atMs) => atMs > 10 && atMs < 50)).toEqual([]);
    expect(sentAt.filter((atMs) => atMs > 50 && atMs < 80)).toHaveLength(30);
    expect(sentAt.filter((atMs) => atMs > 90 && atMs < 150)).toEqual([]);
    expect(sentAt.filter((atMs) => atMs > 150)).toHaveLength(50);
  });

  test.each([
    ["crash n1 at 50ms; heal at 50ms", ["n1 crash lost", "n1 restart"]],
    ["heal at 50ms; crash n1 losing tail at 50ms", ["n1 crash lost"]],
    ["pause n1 at 50ms; resume n1 at 50ms", ["n1 pause", "n1 resume"]],
    ["resume n1 at 50ms; pause n1 at 50ms", ["n1 pause"]],
  ])("at the same time what stands first comes first: %s", (faults, expected) => {
    const seen = happenings([], faults.replace("crash n1 at", "crash n1 losing tail at"));
    expect(story(seen, "crash", "restart", "pause", "resume")).toEqual(expected);
  });
});

describe("a record of a run", () => {
  test("tells when each fault begins and when its time is over", () => {
    const seen = happenings([], "drop 5% for 20ms; heal at 10ms; skew n1 by 1% at 15ms");
    expect(seen.map(({ atUs }) => atUs)).toEqual([0, 10 * MS, 15 * MS, 20 * MS]);
    expect(story(seen, "fault", "fault-ends")).toEqual(["fault drop", "fault heal", "fault skew", "fault-ends drop"]);
  });

  test("goes forward in time, and the run stops when time is up", () => {
    const seen = happenings([...letters("n1", "n2", 30), tell(3_600_001, "n1", {})], "delay by 1s; reorder 50%");
    const times = seen.map(({ atUs }) => atUs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(timesOf(seen, "request")).toHaveLength(30);
  });
});
