import { describe, expect, test } from "vitest";
import { type Fault, PROTOCOLS, parseFaults, runSeed, type System, settingsFor } from "../src/index.ts";
import { REAL_PARTS } from "../src/paxos/parts.ts";
import { paxosSystem } from "../src/paxos/paxos-system.ts";
import { letter, obedientSystem, tell } from "./obedient-system.ts";

const MS = 1000;
const settles = (atMs: number) => tell(atMs, "n1", letter("n2", "settled"));
const run = (system: System, faults: string, properties: readonly string[] | null = null) =>
  runSeed(system, 1, { faults: parseFaults(faults), properties });

describe("what is to happen once all faults are over", () => {
  test("must happen in time; the run ends as soon as it has", () => {
    const system = obedientSystem({ requests: [settles(50), tell(900, "n1", letter("n2", "greeting"))] });
    const { violation, becameCalm, endUs, counts } = run(system, "drop 5% at 10ms for 10ms");
    expect([violation, becameCalm, counts["greetings"]]).toEqual([null, true, 0]);
    expect(endUs).toBeGreaterThan(50 * MS);
    expect(endUs).toBeLessThan(61 * MS);
  });

  test("is waited for in a run with faults until they are over, for they belong to it", () => {
    const system = obedientSystem({ requests: [settles(1), tell(40, "n1", letter("n2", "greeting"))] });
    const { violation, endUs, counts } = run(system, "skew n1 by 1% for 100ms");
    expect([violation, endUs, counts["greetings"]]).toEqual([null, 100 * MS, 1]);
  });

  test("is a violation if it never happens, of the property that asks for it", () => {
    const requests = Array.from({ length: 3000 }, (_, place) => tell(place, "n1", {}));
    const { violation, endUs } = run(obedientSystem({ requests, withinUs: 70 * MS }), "drop 5% for 30ms");
    expect(violation).toEqual({
      property: "settles",
      kind: "liveness",
      sentence: "not so: somebody hears that all is settled",
      atUs: 100 * MS,
    });
    expect(endUs).toBe(100 * MS);
  });

  test("is a violation if it happens too late", () => {
    const { violation } = run(obedientSystem({ requests: [settles(150)], withinUs: 70 * MS }), "drop 5% for 30ms");
    expect(violation?.property).toBe("settles");
    expect(
      run(obedientSystem({ requests: [settles(150)], withinUs: 70 * MS }), "drop 5% for 130ms").violation,
    ).toBeNull();
  });

  test("is not asked for where a fault never ends, nor where that property does not count", () => {
    const never = run(obedientSystem(), "drop 5% at 10ms");
    expect([never.violation, never.becameCalm]).toEqual([null, false]);
    const healed = run(obedientSystem(), "drop 5% at 10ms; heal at 20ms");
    expect([healed.violation?.property, healed.becameCalm]).toEqual(["settles", true]);
    expect(run(obedientSystem(), "", ["no-curse"]).violation).toBeNull();
    expect(run(obedientSystem(), "", ["settles"]).violation?.property).toBe("settles");
  });

  test("is asked for by clients 200 ms after the start where a fault never ends, and where there is none at once", () => {
    const calm: number[] = [];
    const system: System = {
      ...obedientSystem(),
      requests: (_, calmUs) => {
        calm.push(calmUs);
        return [];
      },
    };
    for (const faults of ["drop 5% at 10ms", "", "drop 5% at 10ms for 20ms"]) run(system, faults);
    expect(calm).toEqual([200 * MS, 0, 30 * MS]);
  });

  test("is not asked for where a system promises nothing: then a run goes on for 5 s after the last fault, or until it settles", () => {
    const times = [4000, 5019, 5021].map((atMs) => tell(atMs, "n1", {}));
    const forLong = run({ ...obedientSystem({ requests: times }), liveness: null }, "skew n1 by 1% for 20ms");
    expect([forLong.violation, forLong.becameCalm, forLong.endUs]).toEqual([null, true, 5019 * MS]);
    const short = run({ ...obedientSystem({ requests: [settles(50), ...times] }), liveness: null }, "");
    expect(short.endUs).toBeLessThan(61 * MS);
  });

  test("comes second to what never may happen, which also ends the run at once", () => {
    const system = obedientSystem({ requests: [tell(10, "n1", letter("n2", "curse")), settles(50)] });
    const { violation, endUs } = run(system, "");
    expect(violation).toEqual({ property: "no-curse", kind: "always", sentence: "n1 cursed", atUs: 10 * MS });
    expect(endUs).toBe(10 * MS);
    expect(run(system, "", ["settles"]).violation).toBeNull();
  });

  test("a node that breaks ends the run, as a violation of its own rules", () => {
    const system = obedientSystem({ requests: [tell(10, "n1", { fail: "type" }), settles(50)] });
    const { violation, endUs } = run(system, "");
    expect(violation).toMatchObject({ property: "own-rules", kind: "always", atUs: 10 * MS });
    expect(endUs).toBe(10 * MS);
  });
});

test("a run counts what happens in every world, and what the system counts", () => {
  const requests = [
    tell(1, "n1", letter("n2", "greeting")),
    tell(1, "n1", letter("n3", "lost")),
    tell(1, "n3", { writes: ["w"] }),
    settles(90),
  ];
  const { counts, longestUs, seed, faults, endUs } = run(
    obedientSystem({ requests }),
    "cut n1>n3; crash n2 at 60ms for 9ms; heal at 80ms",
  );
  expect(counts).toEqual({
    "messages-sent": 3,
    "messages-delivered": 2,
    "messages-lost": 1,
    flushes: 1,
    crashes: 1,
    restarts: 1,
    greetings: 1,
  });
  expect([longestUs["to the last delivery"], seed, faults]).toEqual([
    endUs,
    1,
    parseFaults("cut n1>n3; crash n2 at 60ms for 9ms; heal at 80ms"),
  ]);
});

describe("Paxos", () => {
  const [paxos] = PROTOCOLS;
  if (!paxos) throw new Error("there is no Paxos");
  const system = paxos.system(settingsFor(paxos, {}, null), null);

  test.each([
    ["a majority that crashes again and again", "crash a1,a2 at 0 for 90ms; crash a2,a3 at 100ms for 90ms"],
    ["a proposer that is cut off", "cut p1<>* for 400ms; drop 50% for 400ms"],
    ["everything that stands still", "pause * at 1ms for 3s"],
    ["everything that crashes", "crash * losing tail at 5ms for 300ms"],
  ])("settles after %s", (_, faults) => {
    for (let seed = 0; seed < 50; seed++) {
      const { violation, endUs, becameCalm } = runSeed(system, seed, { faults: parseFaults(faults) });
      expect([violation, becameCalm]).toEqual([null, true]);
      expect(endUs).toBeLessThan(10_000 * MS);
    }
  });

  test("never settles with proposers that do not try again, and that is noticed", () => {
    const settings = { acceptors: 3, proposers: 2, learners: 1, contactCount: null, attempts: 100 };
    const lazy = paxosSystem(settings, {
      ...REAL_PARTS,
      proposer: (disk, options) => {
        const proposer = REAL_PARTS.proposer(disk, options);
        return {
          step: (input) =>
            input.kind === "timeout" ? { ...proposer.step(input), messages: [] } : proposer.step(input),
          get state() {
            return proposer.state;
          },
        };
      },
    });
    const faults: Fault[] = parseFaults("crash * losing tail at 5ms for 50ms; cut p1<>* at 0 for 1s");
    const broken = Array.from({ length: 20 }, (_, seed) => runSeed(lazy, seed, { faults }).violation?.kind);
    expect(broken).toContain("liveness");
    expect(broken).not.toContain("always");
  });

  test("need not settle while a majority stays down, and is not blamed for it", () => {
    const { violation, becameCalm, counts } = runSeed(system, 1, { faults: parseFaults("crash a1,a2") });
    expect([violation, becameCalm, counts["values-chosen"]]).toEqual([null, false, 0]);
  });
});
