import { Random } from "@synod/consensus";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type LinkFault, LinkFaults, UNHARMED } from "../src/node/link-faults.ts";
import type { NodeFaults } from "../src/node/node-faults.ts";
import { faultsOfA, NODES } from "./node-stage.ts";

const SEED = 20_261_121;

async function withFaults(text: string): Promise<NodeFaults> {
  const faults = faultsOfA(SEED);
  await faults.add(text);
  return faults;
}

function fates(faults: NodeFaults, count: number) {
  return Array.from({ length: count }, () => faults.fateOf("a", "b"));
}

describe("a fault of a link", () => {
  test("acts where the link begins, and on no other link", async () => {
    const faults = await withFaults("cut a>b");
    expect(faults.fateOf("a", "b")).toBe("lost");
    expect(faults.isCut("a", "b")).toBe(true);
    for (const [from, to] of [
      ["a", "c"],
      ["b", "a"],
      ["a", "a"],
      ["a", "a stranger"],
    ] as const) {
      expect(faults.fateOf(from, to), `${from}>${to}`).toBe(UNHARMED);
      expect(faults.isCut(from, to), `${from}>${to}`).toBe(false);
    }
  });

  test("that is a cut acts where the link ends, too, and there on what arrives alone", async () => {
    const faults = await withFaults("cut b>a; cut *>a; drop 100% c>a");
    expect([faults.isCut("b", "a"), faults.isCut("c", "a"), faults.isCut("a", "b")]).toEqual([true, true, false]);
    expect(faults.fateOf("a", "b")).toBe(UNHARMED);
    expect(faults.list().map(({ actsHere }) => actsHere)).toEqual([true, true, false]);
    faults.heal(2);
    expect([faults.isCut("b", "a"), faults.isCut("c", "a")]).toEqual([true, false]);
    faults.heal();
    expect(faults.isCut("b", "a")).toBe(false);
  });

  test("is taken by a node whose part in it is nothing, so that all nodes may be told the same", async () => {
    const faults = faultsOfA();
    const [cut, both] = await faults.add("cut b>c\ncut b<>a");
    expect([cut?.actsHere, both?.actsHere]).toEqual([false, true]);
    expect(faults.fateOf("a", "c")).toBe(UNHARMED);
    expect(faults.fateOf("a", "b")).toBe("lost");
  });

  test("a link is cut while any of several faults says so", async () => {
    const faults = await withFaults("cut a>b; cut *>*");
    faults.heal(1);
    expect(faults.isCut("a", "b")).toBe(true);
    faults.heal(2);
    expect(faults.fateOf("a", "b")).toBe(UNHARMED);
  });

  test("chance decides by the seed alone, and about as often as the fault says", async () => {
    const text = "drop 20% a>b\nduplicate 30% a>b";
    const [one, other] = [await withFaults(text), await withFaults(text)];
    const seen = fates(one, 2000);
    expect(fates(other, 2000)).toEqual(seen);
    const lost = seen.filter((fate) => fate === "lost").length;
    const twice = seen.filter((fate) => fate !== "lost" && fate.secondAfterMs !== null).length;
    expect(lost, `seed ${SEED}`).toBeGreaterThan(300);
    expect(lost, `seed ${SEED}`).toBeLessThan(500);
    expect(twice, `seed ${SEED}`).toBeGreaterThan(350);
    expect(twice, `seed ${SEED}`).toBeLessThan(610);
  });

  test("delays add up, within the ranges they say, and change no order", () => {
    const link = new LinkFaults(Random.fromSeed(SEED));
    for (const [leastUs, mostUs] of [
      [10_000, 30_000],
      [5_000, 5_000],
    ] as const) {
      link.apply({ kind: "delay", by: { leastUs, mostUs } } as LinkFault, 1);
    }
    let last = 0;
    for (let nowMs = 0; nowMs < 200; nowMs++) {
      const fate = link.fateOf(nowMs);
      if (fate === "lost") throw new Error("nothing is lost here");
      expect(fate.delayMs, `seed ${SEED}`).toBeGreaterThanOrEqual(15);
      expect(fate.delayMs, `seed ${SEED}`).toBeLessThanOrEqual(35);
      expect(nowMs + fate.delayMs, `seed ${SEED}`).toBeGreaterThanOrEqual(last);
      last = nowMs + fate.delayMs;
    }
  });

  test("messages that are held back are overtaken", async () => {
    const faults = await withFaults("reorder 50% a>b");
    const delays = fates(faults, 100).map((fate) => (fate === "lost" ? -1 : fate.delayMs));
    expect(delays.filter((ms) => ms === 0).length, `seed ${SEED}`).toBeGreaterThan(20);
    expect(delays.filter((ms) => ms > 0 && ms < 100).length, `seed ${SEED}`).toBeGreaterThan(20);
  });
});

describe("the time of a fault", () => {
  afterEach(() => void vi.useRealTimers());

  test("is over by itself, and can be cut short", async () => {
    vi.useFakeTimers();
    const faults = await withFaults("cut a>b for 5s; cut a>c for 5s; drop 100% a>b");
    expect(faults.list().map(({ endsInMs }) => endsInMs)).toEqual([5000, 5000, null]);
    vi.advanceTimersByTime(4999);
    faults.heal(1);
    expect(faults.isCut("a", "b")).toBe(false);
    expect(faults.isCut("a", "c")).toBe(true);
    vi.advanceTimersByTime(1);
    expect(faults.isCut("a", "c")).toBe(false);
    expect(faults.list().map(({ text }) => text)).toEqual(["drop 100% a>b"]);
  });
});

describe("a fault of a node", () => {
  test("a pause holds this node until the last one of them is over", async () => {
    const faults = await withFaults("pause a; pause a,b; pause c");
    const paused = faults.whilePaused();
    expect(paused).not.toBeNull();
    faults.heal(1);
    expect(faults.whilePaused()).toBe(paused);
    faults.heal(2);
    await paused;
    expect(faults.whilePaused()).toBeNull();
  });

  test("slow disks add up, and only this node's", async () => {
    const faults = await withFaults("slow-disk a by 1ms..3ms; slow-disk * by 10ms; slow-disk b by 1s");
    for (let count = 0; count < 50; count++) {
      const ms = faults.slowDiskMs();
      expect(ms, `seed ${SEED}`).toBeGreaterThanOrEqual(11);
      expect(ms, `seed ${SEED}`).toBeLessThanOrEqual(13);
    }
    faults.heal();
    expect(faults.slowDiskMs()).toBe(0);
  });
});

describe("what a running server does not take", () => {
  test.each([
    ["crash a", /"crash": a server does not kill itself/],
    ["restart a", /"restart"/],
    ["skew a by +10%", /"skew"/],
    ["resume a", /DELETE \/faults/],
    ["heal", /DELETE \/faults/],
    ["cut a>b at 5s", /"at": in a running server a fault begins now/],
    ["  # nothing\n", /no fault in this text/],
  ])("%s", async (text, expected) => {
    const faults = faultsOfA();
    const refused = faults.add(`${text}\n`);
    await expect(refused).rejects.toMatchObject({ name: "RequestRefused", code: "bad-request" });
    await expect(refused).rejects.toThrow(expected);
  });

  test("more faults than a process keeps", async () => {
    const faults = faultsOfA();
    await faults.add(Array.from({ length: 1000 }, () => "cut a>b").join("\n"));
    await expect(faults.add("cut a>b")).rejects.toThrow("at most 1000 faults");
    expect(faults.list()).toHaveLength(1000);
  });

  test("at 0 is now", async () => {
    const [fault] = await faultsOfA().add("cut a>b at 0 for 1m");
    expect(fault?.text).toBe("cut a>b for 1m");
  });
});

test("every process has a seed of its own, which it tells", async () => {
  const { NodeFaults } = await import("../src/node/node-faults.ts");
  const make = () => new NodeFaults({ node: "a", nodes: NODES });
  expect(make().seed).not.toBe(make().seed);
});
