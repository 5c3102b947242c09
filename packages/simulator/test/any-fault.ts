import fc from "fast-check";
import type { DelayRange, Fault, Links, Nodes, Tail } from "../src/index.ts";

export const NAMES = ["n1", "a.2", "node-3", "proposer_4", "127.0.0.1:5005", "6", "cut", "At1"];

const DAY_US = 24 * 60 * 60_000_000;

const time = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: DAY_US }),
  fc.integer({ min: 0, max: 86_400 }).map((seconds) => seconds * 1_000_000),
  fc.constant(DAY_US),
);
const timeOrNot = fc.option(time, { nil: null });
const nodes: fc.Arbitrary<Nodes> = fc.oneof(
  fc.constant("*" as const),
  fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }),
);
const links: fc.Arbitrary<Links> = fc
  .record({ from: nodes, to: nodes, bothWays: fc.boolean() })
  .filter(({ from, to }) => from === "*" || to === "*" || from.length + to.length > 2 || from[0] !== to[0]);
const by: fc.Arbitrary<DelayRange> = fc
  .tuple(time, time)
  .map(([one, other]) => ({ leastUs: Math.min(one, other), mostUs: Math.max(one, other) }));
const span = { atUs: timeOrNot, forUs: timeOrNot };
const tail = fc.constantFrom<Tail>("lost", "kept", "random");
const share = fc.integer({ min: 0, max: 1_000_000 });
const skew = fc.integer({ min: -990_000, max: 10_000_000 });

function kind<K extends Fault["kind"]>(...kinds: K[]): fc.Arbitrary<K> {
  return fc.constantFrom(...kinds);
}

/** Any fault that there can be. */
export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: kind("cut"), links, ...span }),
  fc.record({ kind: kind("drop", "duplicate", "reorder"), links, partsPerMillion: share, ...span }),
  fc.record({ kind: kind("delay"), links, by, ...span }),
  fc.record({ kind: kind("crash"), nodes, tail, ...span }),
  fc.record({ kind: kind("pause"), nodes, ...span }),
  fc.record({ kind: kind("slow-disk"), nodes, by, ...span }),
  fc.record({ kind: kind("skew"), nodes, partsPerMillion: skew, ...span }),
  fc.record({ kind: kind("restart", "resume"), nodes, atUs: timeOrNot }),
  fc.record({ kind: kind("heal"), atUs: timeOrNot }),
);
