import { describe, expect, test } from "vitest";
import { parseFaults, runSeeds, type System, settingsFor } from "../src/index.ts";
import { RAFT_MUTATIONS } from "../src/raft/mutations.ts";
import { REAL_RAFT } from "../src/raft/parts.ts";
import { RAFT } from "../src/raft/raft-protocol.ts";
import { CAUGHT, FAULTS_FOR_FLAWS } from "./raft-flaws.ts";

function systemWith(name: string): System {
  const mutation = RAFT_MUTATIONS.find((one) => one.name === name);
  if (!mutation) throw new Error(`there is no mutation ${name}`);
  return RAFT.system(settingsFor(RAFT, {}, mutation), name);
}

/** Flaws that clients come to see, if the watch knows nothing but what clients see: from which seed on. */
const SEEN_BY_CLIENTS: readonly [name: string, from: number][] = [
  ["appends-before-write", 15],
  ["votes-for-any-log", 21],
  ["elected-by-one", 6],
  ["truncates-on-stale", 14],
  ["agrees-always", 1],
  ["changes-members-early", 10],
];
const WHAT_CLIENTS_SEE = ["acknowledged-is-kept", "strong-reads-are-current", "reads-are-true"];

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

  test.each(SEEN_BY_CLIENTS)(
    "%s by what clients see alone, from seed %i on within 3",
    { timeout: 60_000 },
    (name, from) => {
      const [caught] = runSeeds(systemWith(name), from, from + 2, { properties: WHAT_CLIENTS_SEE }, false).broken;
      expect(caught).toBeDefined();
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
