import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Fault,
  type Kinds,
  PROTOCOLS,
  parseFaults,
  runSeed,
  type Settings,
  type System,
  settingsFor,
  TraceDigest,
  traceLine,
  type WorldEvent,
} from "../src/index.ts";
import { randomFor } from "../src/simulation/seeds.ts";
import { happenings, letters, obedientSystem, tell } from "./obedient-system.ts";

const GOLDEN = fileURLToPath(new URL("trace-digests.txt", import.meta.url));

const EVERY_KIND = `
  cut a1<>p1 at 10ms for 40ms; drop 20% at 0 for 90ms; duplicate 20% p2>* for 90ms; reorder 30% for 50ms
  delay a2>p2 by 5ms..30ms at 20ms for 60ms; crash a1 at 15ms; crash p1 losing tail at 30ms for 9ms; restart a1 at 60ms
  pause a2 at 12ms for 20ms; slow-disk a3 by 1ms..9ms for 90ms; skew p1 by +30%; skew p2 by -30%; heal at 120ms`;

/** What a run is told to do, in words. */
const FAULTS: Readonly<Record<string, readonly Fault[] | null>> = {
  "random faults": null,
  "no faults": [],
  "faults of every kind": parseFaults(EVERY_KIND),
};

const SETTINGS: readonly Settings[] = [
  {},
  { acceptors: 5, proposers: 3 },
  { acceptors: 4, learners: 2, "contact-count": 3 },
];
const SEEDS = [0, 1, 2, 3, 7, 12, 99, 1000, 65_536, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER];

const [paxos] = PROTOCOLS;
if (!paxos) throw new Error("there is no Paxos");

function paxosWith(given: Settings): System {
  if (!paxos) throw new Error("there is no Paxos");
  return paxos.system(settingsFor(paxos, given, null), null);
}

function digestOf<K extends Kinds>(system: System<K>, seed: number, faults: readonly Fault[] | null): string {
  const digest = new TraceDigest();
  runSeed(system, seed, { faults, observe: (event, nowUs) => digest.add(event as WorldEvent, nowUs) });
  return digest.text;
}

/** One line a run. */
function digests(): string {
  const lines = SETTINGS.flatMap((settings) =>
    Object.entries(FAULTS).flatMap(([words, faults]) =>
      SEEDS.map(
        (seed) => `${digestOf(paxosWith(settings), seed, faults)}  ${JSON.stringify(settings)}, ${words}, seed ${seed}`,
      ),
    ),
  );
  return `${lines.join("\n")}\n`;
}

describe("a seed gives the same run", () => {
  test("to the byte, on every machine, today and later: these digests change only where the simulator does", () => {
    if (process.env["UPDATE_TRACES"]) writeFileSync(GOLDEN, digests());
    expect(digests()).toBe(readFileSync(GOLDEN, "utf8"));
  });

  test("twice, with a system made anew or used again", () => {
    const system = paxosWith({});
    for (let seed = 0; seed < 12; seed++) {
      const [one, other] = [runSeed(system, seed), runSeed(paxosWith({}), seed)];
      expect(one).toEqual(other);
      expect(digestOf(system, seed, null)).toBe(digestOf(paxosWith({}), seed, null));
    }
  });

  test("whatever ran before it or beside it", () => {
    const alone = digestOf(paxosWith({}), 7, null);
    const nested: string[] = [];
    runSeed(paxosWith({}), 3, {
      observe: (event) => {
        if (event.kind === "request" && nested.length < 3) nested.push(digestOf(paxosWith({}), 7, null));
      },
    });
    expect(nested).toEqual([alone, alone, alone]);
  });

  test("and another seed another one, with faults and without", () => {
    for (const faults of Object.values(FAULTS)) {
      const all = Array.from({ length: 40 }, (_, seed) => digestOf(paxosWith({}), seed, faults));
      expect(new Set(all).size).toBe(40);
    }
  });
});

describe("a digest", () => {
  const requests = [...letters("n1", "n2", 5), tell(3, "n1", { writes: ["w"], reply: "done" })];
  const trace = happenings(requests, "crash n2 at 9ms for 9ms; drop 20%");
  const events = trace.map(({ atUs, ...event }) => [event as WorldEvent, atUs] as const);

  function digest(some: readonly (readonly [WorldEvent, number])[]): string {
    const made = new TraceDigest();
    for (const [event, atUs] of some) made.add(event, atUs);
    return made.text;
  }

  test("is 16 hexadecimal digits, of nothing too", () => {
    for (const some of [[], events]) expect(digest(some)).toMatch(/^[0-9a-f]{16}$/);
    expect(digest([])).toBe(digest([]));
  });

  test("notices an event that is left out, added, moved, changed, or happens at another time", () => {
    const whole = digest(events);
    const changed = new Set([whole]);
    events.forEach(([event, atUs], place) => {
      const before = events.slice(0, place);
      const after = events.slice(place + 1);
      const [next] = after;
      const variants = [
        [...before, ...after],
        [...before, [event, atUs] as const, [event, atUs] as const, ...after],
        [...before, [event, atUs + 1] as const, ...after],
        [...before, [{ ...event, node: "n3" } as WorldEvent, atUs] as const, ...after],
        [...before, [{ ...event, kind: "resume" } as WorldEvent, atUs] as const, ...after],
        ...(next && JSON.stringify(next) !== JSON.stringify(events[place])
          ? [[...before, next, events[place] ?? next, ...after.slice(1)]]
          : []),
      ];
      for (const variant of variants) changed.add(digest(variant));
      expect(variants.map(digest)).not.toContain(whole);
    });
    // All different from one another, but for doing the same in two ways, such as changing n3 to n3.
    expect(changed.size).toBeGreaterThan(4 * events.length);
  });

  test("uses both of its halves", () => {
    const all = Array.from({ length: 200 }, (_, seed) => digest([[{ kind: "pause", node: `n${seed}` }, seed]]));
    expect(new Set(all.map((text) => text.slice(0, 8))).size).toBe(200);
    expect(new Set(all.map((text) => text.slice(8))).size).toBe(200);
  });

  test("does not depend on the order in which the parts of an event were put together", () => {
    const turned = events.map(
      ([event, atUs]) => [Object.fromEntries(Object.entries(event).reverse()) as WorldEvent, atUs] as const,
    );
    expect(digest(turned)).toBe(digest(events));
  });
});

describe("chance", () => {
  test("is another one for each purpose and each seed, also beyond 32 bits", () => {
    const purposes = ["faults", "requests", "link n1>n2", "link n2>n1", "machine n1", "n1, life 0", "n1, life 1"];
    const drawn = SEEDS.flatMap((seed) => purposes.map((purpose) => randomFor(seed, purpose).uint32()));
    expect(new Set(drawn).size).toBe(SEEDS.length * purposes.length);
    expect(randomFor(2 ** 40 + 1, "faults").uint32()).toBe(randomFor(2 ** 40 + 1, "faults").uint32());
  });

  test("of one disk does not shift what another gets", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const flushes = (others: boolean) => {
          const own = Array.from({ length: 9 }, (_, place) => tell(place * 5, "n1", { writes: ["w"] }));
          const more = Array.from({ length: 9 }, (_, place) => tell(place * 3, "n2", { writes: ["w"], reply: "x" }));
          return happenings(others ? [...own, ...more] : own, "", { seed }).flatMap((one) =>
            one.kind === "synced" && one.node === "n1" ? [one.atUs] : [],
          );
        };
        expect(flushes(true)).toEqual(flushes(false));
      }),
      { numRuns: 20 },
    );
  });
});

describe("a line of a trace", () => {
  test("is JSON with the time first, and tells faults in their own words", () => {
    const [fault] = parseFaults("cut n1>n2 at 1ms for 5ms");
    if (!fault) throw new Error("a fault");
    expect(traceLine({ kind: "fault", fault }, 1000)).toBe(
      '{"atUs":1000,"kind":"fault","fault":"cut n1>n2 at 1ms for 5ms"}',
    );
    expect(traceLine({ kind: "fault-ends", fault }, 6000)).toContain('"fault":"cut n1>n2 at 1ms for 5ms"');
    expect(traceLine({ kind: "send", node: "n1", to: "n2", message: { text: "hi" } }, 7)).toBe(
      '{"atUs":7,"kind":"send","node":"n1","to":"n2","message":{"text":"hi"}}',
    );
  });

  test("can be made of every event of a run", () => {
    const system = obedientSystem({ requests: [tell(1, "n1", { writes: ["w"] })] });
    const lines: string[] = [];
    runSeed(system, 1, {
      faults: parseFaults("heal at 3ms"),
      observe: (event, nowUs) => void lines.push(traceLine(event as WorldEvent, nowUs)),
    });
    expect(lines.map((line) => JSON.parse(line).kind)).toEqual(["request", "flush", "synced", "store", "fault"]);
  });
});
