import { MOST_RING_PROPOSERS } from "@synod/consensus";
import { type Protocol, partsWith } from "../campaign/protocol.js";
import { RING_MUTATIONS } from "./mutations.js";
import { REAL_RING } from "./parts.js";
import { ringSystem } from "./ring-system.js";

/** Roles by ring election and one value, to be simulated by name. */
export const RING: Protocol = {
  name: "ring",
  summary: "nodes elect a leader on a ring, get their roles from it, and agree on one value for their clients",
  settings: {
    proposers: { sentence: "proposers", default: 2, least: 1, most: MOST_RING_PROPOSERS },
    acceptors: { sentence: "acceptors", default: 3, least: 1, most: 25 },
    learners: { sentence: "learners", default: 2, least: 1, most: 25 },
    clients: { sentence: "clients", default: 2, least: 1, most: 9 },
  },
  mutations: RING_MUTATIONS,
  modelSettings: () => {
    throw new RangeError(
      "ring is simulated only: elections may go on for ever, and its model has no end; its acceptors and proposers are those of paxos",
    );
  },
  system: ({ proposers = 2, acceptors = 3, learners = 2, clients = 2 }, mutation) =>
    ringSystem({ proposers, acceptors, learners, clients }, partsWith(REAL_RING, RING_MUTATIONS, mutation)),
};
