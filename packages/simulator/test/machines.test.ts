import type { Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { parseFaults } from "../src/index.ts";
import { Machine } from "../src/simulation/machine.ts";
import { happenings, letter, letters, MS, recall, story, tell, timesOf, waysIn } from "./obedient-system.ts";

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
