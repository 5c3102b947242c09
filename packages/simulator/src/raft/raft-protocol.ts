import { type Protocol, partsWith, type Settings } from "../campaign/protocol.js";
import { RAFT_MUTATIONS } from "./mutations.js";
import { REAL_RAFT } from "./parts.js";
import { type RaftSystemSettings, raftSystem } from "./raft-system.js";

/** The replicated key-value store on Raft, to be simulated by name. */
export const RAFT: Protocol = {
  name: "raft",
  summary: "Raft: the same store, with transfers of the lead, changes of the members, and messages sent by hand",
  settings: {
    servers: { sentence: "voters when the cluster is made", default: 3, least: 1, most: 9 },
    spares: { sentence: "servers beside them, which may be added", default: 1, least: 0, most: 4 },
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
      sentence: "a server takes a snapshot after so many characters of values",
      default: 1500,
      least: 1,
      most: 1_000_000_000,
    },
    transfers: {
      sentence: "transfers of the lead that an operator asks for, at most",
      default: 2,
      least: 0,
      most: 100,
    },
    "member-changes": {
      sentence: "changes of the members that an operator asks for, at most",
      default: 4,
      least: 0,
      most: 100,
    },
    "by-hand": { sentence: "messages of Raft sent by hand in a run, at most", default: 4, least: 0, most: 100 },
  },
  mutations: RAFT_MUTATIONS,
  modelSettings: () => {
    throw new RangeError("raft is simulated only: its states are too many to visit them all");
  },
  system: (settings, mutation) => raftSystem(raftSettings(settings), partsWith(REAL_RAFT, RAFT_MUTATIONS, mutation)),
};

/** The settings of a cluster on Raft, by the names that people give them. */
export function raftSettings(settings: Settings): RaftSystemSettings {
  const { servers = 3, spares = 1, clients = 2, operations = 500, sessions = 8, transfers = 2 } = settings;
  return {
    servers,
    spares,
    clients,
    operations,
    sessions,
    sequencesAhead: settings["sequences-ahead"] ?? 1024,
    snapshotCharacters: settings["snapshot-characters"] ?? 1500,
    transfers,
    memberChanges: settings["member-changes"] ?? 4,
    byHand: settings["by-hand"] ?? 4,
  };
}
