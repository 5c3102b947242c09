import { IDS_PER_ROUND } from "@synod/consensus";
import { type Protocol, partsWith, type Settings } from "../campaign/protocol.js";
import { type MultiPaxosSettings, multiPaxosSystem } from "./multipaxos-system.js";
import { MULTIPAXOS_MUTATIONS } from "./mutations.js";
import { REAL_CLUSTER } from "./parts.js";

/** The replicated key-value store, to be simulated by name. */
export const MULTIPAXOS: Protocol = {
  name: "multipaxos",
  summary: "Multi-Paxos: a replicated key-value store with snapshots, sessions and three levels of reads",
  settings: {
    acceptors: { sentence: "acceptors in the pool", default: 3, least: 1, most: 25 },
    proposers: { sentence: "proposers, of which one leads", default: 2, least: 1, most: IDS_PER_ROUND - 1 },
    learners: { sentence: "learners", default: 2, least: 1, most: 25 },
    clients: { sentence: "gateways, each with clients of its own", default: 2, least: 1, most: 25 },
    operations: { sentence: "writes and reads in a run, at least", default: 500, least: 10, most: 100_000 },
    sessions: { sentence: "sessions that live at a time", default: 8, least: 1, most: 10_000 },
    "sequences-ahead": {
      sentence: "how far the commands of a session may run ahead of the first that is not acknowledged",
      default: 1024,
      least: 1,
      most: 1024,
    },
    "snapshot-characters": {
      sentence: "a learner takes a snapshot after so many characters of values",
      default: 1500,
      least: 1,
      most: 1_000_000_000,
    },
    "kept-below-snapshot": {
      sentence: "slots below the snapshots that acceptors keep",
      default: 5,
      least: 0,
      most: 1_000_000,
    },
    "hand-prepares": { sentence: "prepares sent by hand in a run, at most", default: 6, least: 0, most: 100 },
    "hand-accepts": { sentence: "values put into the log by hand in a run, at most", default: 1, least: 0, most: 100 },
  },
  mutations: MULTIPAXOS_MUTATIONS,
  modelSettings: () => {
    throw new RangeError("multipaxos is simulated only: its states are too many to visit them all");
  },
  system: (settings, mutation) => {
    const parts = partsWith(REAL_CLUSTER, MULTIPAXOS_MUTATIONS, mutation);
    return multiPaxosSystem(clusterSettings(settings), parts);
  },
};

/** The settings of a cluster, by the names that a system has for them. */
export function clusterSettings(settings: Settings): MultiPaxosSettings {
  const { acceptors = 3, proposers = 2, learners = 2, clients = 2, operations = 500, sessions = 8 } = settings;
  return {
    acceptors,
    proposers,
    learners,
    clients,
    operations,
    sessions,
    sequencesAhead: settings["sequences-ahead"] ?? 1024,
    snapshotCharacters: settings["snapshot-characters"] ?? 1500,
    keptBelowSnapshot: settings["kept-below-snapshot"] ?? 5,
    handPrepares: settings["hand-prepares"] ?? 6,
    handAccepts: settings["hand-accepts"] ?? 1,
  };
}
