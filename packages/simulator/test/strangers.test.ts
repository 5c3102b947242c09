import { ready } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { exploreModel, PROTOCOLS, parseFaults, runSeed, type System, settingsFor } from "../src/index.ts";

/** What a protocol may do that somebody else wrote, and the simulator must not be fooled by. */

interface Strange {
  /** What the only node does when it is asked, and keeps of earlier lives. */
  readonly step: (disk: readonly unknown[]) => { state: unknown; step: () => ReturnType<typeof ready> };
  readonly watch?: System["watch"];
}

function strange({ step, watch }: Strange): System {
  return {
    nodes: [
      { name: "n1", role: "stranger", start: (disk) => step(disk) },
      { name: "n2", role: "deaf", start: () => ({ state: {}, step: () => ready({}) }) },
    ],
    requests: (_, calmUs) =>
      [1, 2].map((place) => ({ atUs: calmUs + place, node: "n1", requestId: `${place}`, command: "do" })),
    always: [{ name: "no-harm", sentence: "no harm is done" }],
    watch: watch ?? ((state = {}) => ({ state, observe: () => {} })),
    sometimes: [],
    occurrences: () => ({ counts: {}, longestUs: {}, settled: false, observe: () => {} }),
    liveness: null,
    messageInWords: String,
    writeInWords: String,
    commandInWords: String,
    replyInWords: String,
  };
}

const ONCE = { requests: 1, crashes: 0, duplicates: 0, properties: null };
const says = (text: string) => ready({ messages: [{ to: "n2", message: { text } }] });

describe("a protocol that somebody else wrote", () => {
  test("cannot change in memory what it wrote to its disk: it stops instead", () => {
    const state = { count: 0 };
    const system = strange({
      step: () => ({
        state: {},
        step: () => {
          state.count++;
          return ready({ writes: [state] });
        },
      }),
    });
    expect(runSeed(system, 1, { faults: [] }).violation).toMatchObject({
      property: "own-rules",
      sentence: expect.stringContaining("Cannot assign to read only property 'count'"),
    });
  });

  test("whose watch cares for what arrives is watched in the model, too, where nobody heeds the message", () => {
    const watch: System["watch"] = (state = {}) => ({
      state,
      observe: (event, report) => {
        if (event.kind === "deliver") report({ property: "no-harm", sentence: "it came" });
      },
    });
    const system = strange({ step: () => ({ state: {}, step: () => says("harm") }), watch });
    expect(exploreModel(system, ONCE).verdict).toBe("violation");
    expect(runSeed(system, 1, { faults: [] }).violation?.property).toBe("no-harm");
  });

  test("whose watch fails is not told that its node did, and in which seed it happened", () => {
    const watch: System["watch"] = () => ({
      state: {},
      observe: () => {
        throw new TypeError("my own mistake");
      },
    });
    const system = strange({ step: () => ({ state: {}, step: () => says("hello") }), watch });
    expect(() => runSeed(system, 17, { faults: [] })).toThrow(
      /^in seed 17: what looks on failed at a .*my own mistake/,
    );
    expect(() => exploreModel(system, ONCE)).toThrow("my own mistake");
  });

  test("with a state that is not plain is not model checked, since states would be taken for equal that are not", () => {
    const heard = new Set<number>();
    const hear = () => {
      heard.add(heard.size);
      return ready({});
    };
    const step = () => ({ state: { heard }, step: hear });
    expect(() => exploreModel(strange({ step }), ONCE)).toThrow("a Set is no plain data");
  });

  test("that sets a timer for no time at all stops", () => {
    const timers = [{ timer: "t", afterMs: Number.NaN }];
    const system = strange({ step: () => ({ state: {}, step: () => ready({ timers }) }) });
    expect(runSeed(system, 1, { faults: [] }).violation).toMatchObject({ property: "own-rules" });
  });

  test("is asked as often as it says, and no model claims more", () => {
    const system = strange({ step: () => ({ state: {}, step: () => ready({}) }) });
    expect(() => exploreModel(system, { ...ONCE, requests: 3 })).toThrow("a node is asked 2 times at most, not 3");
  });
});

describe("faults that somebody else wrote", () => {
  const [paxos] = PROTOCOLS;
  const system = paxos?.system(settingsFor(paxos, {}, null), null) as System;
  const run = (faults: string) => runSeed(system, 1, { faults: parseFaults(faults) });

  test("all happen, also when another one never ends", () => {
    expect(run("drop 1%; crash a1 at 2s for 5s")).toMatchObject({
      counts: { crashes: 1, restarts: 1 },
      becameCalm: false,
      violation: null,
    });
  });

  test("may be as late and as long as the language lets them be", () => {
    for (const faults of ["delay by 0..90m for 1s", "slow-disk a1 by 0..90m for 1s", "crash a1 at 80m for 1s"]) {
      expect(run(faults).violation?.kind ?? "none", faults).not.toBe("always");
    }
  });

  test("that hold messages back are given that much more time to settle", () => {
    expect(run("slow-disk * by 30s for 100ms").violation).toBeNull();
  });
});
