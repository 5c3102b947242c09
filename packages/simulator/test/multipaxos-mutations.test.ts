import { describe, expect, test } from "vitest";
import { parseFaults, runSeeds, type System, settingsFor } from "../src/index.ts";
import { MULTIPAXOS } from "../src/multipaxos/multipaxos-protocol.ts";
import { MULTIPAXOS_MUTATIONS } from "../src/multipaxos/mutations.ts";
import { REAL_CLUSTER } from "../src/multipaxos/parts.ts";
import { FAULTS_FOR_FLAWS } from "./multipaxos-flaws.ts";

function systemWith(name: string): System {
  const mutation = MULTIPAXOS_MUTATIONS.find((one) => one.name === name);
  if (!mutation) throw new Error(`there is no mutation ${name}`);
  return MULTIPAXOS.system(settingsFor(MULTIPAXOS, {}, mutation), name);
}

/** Within how many seeds each flaw is caught, and as what: about three times as many as it needs. */
const CAUGHT: readonly [name: string, within: number, properties: readonly string[]][] = [
  ["forgets-promise", 60, ["promises-only-rise", "accepts-honour-promises"]],
  ["forgets-accepted", 30, ["promises-tell-all"]],
  ["answers-before-write", 3, ["durable-before-told"]],
  ["keeps-one-slot", 3, ["promises-tell-all"]],
  ["below-mark-is-decided", 30, ["decided-is-chosen"]],
  ["truncated-is-empty", 10, ["agreement", "promises-tell-all"]],
  ["reuses-id", 70, ["one-value-an-id"]],
  ["shares-ids", 10, ["one-value-an-id"]],
  ["elected-by-one", 20, ["agreement", "recovers-before-serving"]],
  ["drops-found-value", 10, ["agreement", "recovers-before-serving"]],
  ["skips-gap", 20, ["decided-is-chosen", "recovers-before-serving"]],
  ["settles-ahead", 40, ["decided-is-chosen"]],
  ["heartbeats-reach-nobody", 3, ["serves-again"]],
  ["tells-no-learner", 3, ["serves-again"]],
  ["asks-no-learner", 3, ["serves-again"]],
  ["tells-undecided", 3, ["decided-is-chosen"]],
  ["counts-answers-twice", 75, ["decided-is-chosen", "recovers-before-serving"]],
  ["serves-early", 27, ["recovers-before-serving"]],
  ["reads-unconfirmed", 30, ["strong-reads-are-current"]],
  ["confirmed-before", 55, ["strong-reads-are-current"]],
  ["answers-no-barrier", 3, ["serves-again"]],
  ["truncates-too-much", 20, ["truncated-is-kept"]],
  ["applies-across-gaps", 35, ["applies-the-log", "snapshots-are-true"]],
  ["mixes-ids", 20, ["applies-the-log", "snapshots-are-true"]],
  ["believes-one-acceptor", 12, ["applies-the-log", "snapshots-are-true"]],
  ["takes-any-accepted", 20, ["applies-the-log"]],
  ["tells-snapshot-early", 50, ["durable-before-told"]],
  ["one-register", 3, ["reads-are-true", "snapshots-are-true", "acknowledged-is-kept"]],
  ["carries-out-copies", 5, ["reads-are-true", "snapshots-are-true", "acknowledged-is-kept"]],
  ["forgets-sessions", 3, ["snapshots-are-true"]],
  ["remembers-first", 3, ["snapshots-are-true"]],
  ["shares-any-slot", 3, ["snapshots-are-true", "acknowledged-is-kept"]],
  ["turns-results", 3, ["acknowledged-is-kept"]],
  ["renumbers-copies", 5, ["applied-once", "acknowledged-is-kept"]],
  ["ignores-token", 20, ["session-reads-are-monotone"]],
  ["reads-own-session-only", 5, ["strong-reads-are-current"]],
  ["mixes-answers", 5, ["reads-are-true"]],
  ["unknown-is-refused", 9, ["refusals-are-definite"]],
];

/** Where the search begins for those that take long to show: docs/testing.md has their first seeds. */
const FROM: Readonly<Record<string, number>> = {
  "reuses-id": 20,
  "counts-answers-twice": 20,
};

/** Flaws that clients come to see, if the watch knows nothing but what clients see; and as what. */
const SEEN_BY_CLIENTS: readonly [name: string, within: number][] = [
  ["elected-by-one", 40],
  ["drops-found-value", 40],
  ["tells-undecided", 40],
  ["forgets-sessions", 40],
];
const WHAT_CLIENTS_SEE = ["acknowledged-is-kept", "strong-reads-are-current", "reads-are-true", "own-rules"];

describe("a flaw planted in Multi-Paxos is found", () => {
  test.each(CAUGHT)("%s, within %i seeds, by one of %j", { timeout: 180_000 }, (name, within, properties) => {
    const text = FAULTS_FOR_FLAWS[name];
    const faults = text === undefined ? null : parseFaults(text);
    const [caught] = runSeeds(systemWith(name), FROM[name] ?? 1, within, { faults }, false).broken;
    expect(caught).toBeDefined();
    expect(properties).toContain(caught?.property);
  });

  test.each(SEEN_BY_CLIENTS)("%s by what clients see alone, within %i seeds", { timeout: 180_000 }, (name, within) => {
    const [caught] = runSeeds(systemWith(name), 1, within, { properties: WHAT_CLIENTS_SEE }, false).broken;
    expect(caught).toBeDefined();
  });

  test("whichever it is: there is none that is not in this table", () => {
    expect(MULTIPAXOS_MUTATIONS.map(({ name }) => name)).toEqual(CAUGHT.map(([name]) => name));
    for (const name of Object.keys(FAULTS_FOR_FLAWS)) expect(CAUGHT.map(([one]) => one)).toContain(name);
  });
});

test("a flaw that looks into a real role is planted in nothing else", () => {
  const nobody = { step: () => null as never, state: null };
  const strangers = { ...REAL_CLUSTER, proposer: () => nobody, learner: () => nobody };
  const message = { type: "read-barrier", requestId: "b" } as const;
  const learn = { type: "learn", leader: "p1", id: 1, number: 1, from: 1, values: [], decidedThrough: 0 } as const;
  const planted = (name: string) => MULTIPAXOS_MUTATIONS.find((one) => one.name === name)?.plant(strangers);
  expect(() =>
    planted("serves-early")
      ?.proposer([], {} as never)
      .step({ kind: "message", from: "c1", message }),
  ).toThrow(TypeError);
  expect(() =>
    planted("applies-across-gaps")
      ?.learner([], {} as never)
      .step({ kind: "message", from: "p1", message: learn }),
  ).toThrow(TypeError);
});

test("there is no mutation that is not there", () => {
  expect(() => MULTIPAXOS.system({}, "nonsense")).toThrow(new RangeError("there is no mutation nonsense"));
});
