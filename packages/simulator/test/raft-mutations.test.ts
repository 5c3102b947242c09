import { describe, expect, test } from "vitest";
import { parseFaults, runSeeds, type System, settingsFor } from "../src/index.ts";
import { RAFT_MUTATIONS } from "../src/raft/mutations.ts";
import { REAL_RAFT } from "../src/raft/parts.ts";
import { RAFT } from "../src/raft/raft-protocol.ts";
import { FAULTS_FOR_FLAWS } from "./raft-flaws.ts";

function systemWith(name: string): System {
  const mutation = RAFT_MUTATIONS.find((one) => one.name === name);
  if (!mutation) throw new Error(`there is no mutation ${name}`);
  return RAFT.system(settingsFor(RAFT, {}, mutation), name);
}

/** From which seed on and within how many each flaw is caught, and as what. */
const CAUGHT: readonly [name: string, from: number, within: number, properties: readonly string[]][] = [
  ["forgets-vote", 1, 3, ["one-vote-a-term"]],
  ["forgets-term", 1, 3, ["terms-only-rise"]],
  ["votes-before-write", 1, 3, ["durable-before-told"]],
  ["appends-before-write", 1, 3, ["durable-before-told"]],
  ["counts-before-write", 15, 3, ["applies-the-log"]],
  ["votes-for-any-log", 4, 4, ["leader-completeness", "committed-is-kept"]],
  ["elected-by-one", 3, 3, ["elected-by-majority", "election-safety"]],
  ["sends-no-heartbeat", 6, 6, ["serves-again"]],
  ["truncates-on-stale", 1, 4, ["committed-is-kept"]],
  ["commits-earlier-terms", 13, 12, ["applies-the-log", "snapshots-are-true"]],
  ["never-steps-back", 4, 3, ["serves-again"]],
  ["agrees-always", 1, 3, ["durable-before-told", "appended-is-true"]],
  ["snapshot-without-term", 1, 4, ["snapshots-are-true"]],
  ["changes-members-early", 5, 3, ["members-in-turn"]],
  ["changes-two-members", 2, 3, ["members-one-by-one"]],
  ["reads-unconfirmed", 2, 4, ["strong-reads-are-current"]],
  ["reads-before-own-commit", 26, 3, ["strong-reads-are-current"]],
  ["confirmed-before", 26, 7, ["strong-reads-are-current"]],
  ["forgets-sessions", 1, 3, ["snapshots-are-true"]],
  ["renumbers-copies", 1, 3, ["applied-once"]],
  ["ignores-token", 1, 3, ["session-reads-are-monotone"]],
  ["mixes-answers", 1, 3, ["reads-are-true"]],
  ["unknown-is-refused", 3, 3, ["refusals-are-definite"]],
];

describe("a flaw planted in Raft is found", () => {
  test.each(CAUGHT)(
    "%s, from seed %i on within %i, by one of %j",
    { timeout: 60_000 },
    (name, from, within, properties) => {
      const text = FAULTS_FOR_FLAWS[name];
      const faults = text === undefined ? null : parseFaults(text);
      const [caught] = runSeeds(systemWith(name), from, from + within - 1, { faults }, false).broken;
      expect(caught).toBeDefined();
      expect(properties).toContain(caught?.property);
    },
  );

  test("whichever it is: there is none that is not in this table", () => {
    expect(RAFT_MUTATIONS.map(({ name }) => name)).toEqual(CAUGHT.map(([name]) => name));
    for (const name of Object.keys(FAULTS_FOR_FLAWS)) expect(CAUGHT.map(([one]) => one)).toContain(name);
  });
});

test("a flaw that looks into a real server is planted in nothing else", () => {
  const nobody = { step: () => null as never, state: null };
  const strangers = { ...REAL_RAFT, server: () => nobody };
  const planted = RAFT_MUTATIONS.find(({ name }) => name === "reads-unconfirmed")?.plant(strangers);
  const message = { type: "read-barrier", requestId: "b" } as const;
  expect(() => planted?.server([], {} as never).step({ kind: "message", from: "c1", message })).toThrow(TypeError);
});
