import { expect, test } from "vitest";
import type { Topology } from "../src/index.ts";
import { raftView } from "../src/index.ts";

const NAMES = ["raft1", "raft2", "raft3", "raft4"];
const TOPOLOGY: Topology = {
  name: "test",
  application: "key-value",
  engine: "raft",
  voters: 3,
  chaos: true,
  nodes: NAMES.map((name, place) => ({
    name: `node${place + 1}`,
    roles: [
      { role: "raft", number: place + 1, name, node: `node${place + 1}`, address: { host: "::1", port: 1 + place } },
    ],
  })),
};
const seen = (reports: Record<string, object>) => NAMES.map((name) => ({ name, report: { ...reports[name] } }));

test("of two that say that they lead, the one of the later term does, and it knows the members", () => {
  const servers = seen({
    raft1: { is_leader: true, term: 3, voters: ["raft1", "raft2", "raft3"] },
    raft2: { is_leader: true, term: 5, voters: ["raft2", "raft3", "raft4"] },
  });
  const view = raftView(servers, TOPOLOGY);
  expect(view).toMatchObject({ leader: "raft2", term: 5, voters: ["raft2", "raft3", "raft4"], majority: 2 });
});

test("without a leader, who has the latest log knows the members", () => {
  const servers = seen({
    raft1: { term: 9, last_term: 2, last_index: 90, voters: ["raft1", "raft2", "raft3"] },
    raft3: { term: 4, last_term: 4, last_index: 8, voters: ["raft3", "raft4"] },
  });
  expect(raftView(servers, TOPOLOGY)).toMatchObject({ leader: null, term: 9, voters: ["raft3", "raft4"] });
});

test("where nobody answers, the members are those that the cluster was made with, and none is up", () => {
  const servers = NAMES.map((name) => ({ name, report: null }));
  const view = raftView(servers, TOPOLOGY);
  expect(view).toEqual({ leader: null, term: 0, voters: ["raft1", "raft2", "raft3"], votersUp: [], majority: 2 });
});
