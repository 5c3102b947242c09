import { type Protocol, partsWith } from "../campaign/protocol.js";
import { clusterSettings, MULTIPAXOS } from "../multipaxos/multipaxos-protocol.js";
import { MOST_DIFFICULTY } from "./ledger-service.js";
import { ledgerSystem } from "./ledger-system.js";
import { LEDGER_MUTATIONS } from "./mutations.js";
import { REAL_LEDGER } from "./parts.js";

/** The chain of blocks on the replicated log, to be simulated by name. */
export const LEDGER: Protocol = {
  name: "ledger",
  summary: "a chain of blocks on Multi-Paxos: proofs of work, gets that are blocks, each learner's file of the chain",
  settings: {
    ...MULTIPAXOS.settings,
    difficulty: {
      sentence: "zero bits with which a proof of work begins",
      default: 1,
      least: 0,
      most: MOST_DIFFICULTY,
    },
  },
  mutations: LEDGER_MUTATIONS,
  modelSettings: () => {
    throw new RangeError("ledger is simulated only: its states are too many to visit them all");
  },
  system: (settings, mutation) => {
    const parts = partsWith(REAL_LEDGER, LEDGER_MUTATIONS, mutation);
    return ledgerSystem({ ...clusterSettings(settings), difficulty: settings["difficulty"] ?? 1 }, parts);
  },
};
