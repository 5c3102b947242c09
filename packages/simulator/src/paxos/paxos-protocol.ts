import { IDS_PER_ROUND } from "@synod/consensus";
import { type Protocol, partsWith } from "../campaign/protocol.js";
import { PAXOS_MUTATIONS } from "./mutations.js";
import { REAL_PARTS } from "./parts.js";
import { paxosSystem } from "./paxos-system.js";

/** Single-decree Paxos, to be simulated by name. */
export const PAXOS: Protocol = {
  name: "paxos",
  summary: "single-decree Paxos: acceptors, proposers and learners agree on one value",
  settings: {
    acceptors: { sentence: "acceptors in the pool", default: 3, least: 1, most: 25 },
    proposers: { sentence: "proposers", default: 2, least: 1, most: IDS_PER_ROUND - 1 },
    learners: { sentence: "learners", default: 1, least: 0, most: 25 },
    "contact-count": {
      sentence:
        "acceptors that a proposer contacts, picked at random; 0: a majority or more, another number in each life",
      default: 0,
      least: 0,
      most: 25,
    },
    attempts: { sentence: "attempts before a proposer gives up a proposal", default: 100, least: 1, most: 1000 },
  },
  mutations: PAXOS_MUTATIONS,
  modelSettings: ({ acceptors = 3 }) => ({ learners: 0, attempts: 1, "contact-count": acceptors }),
  system: (settings, mutation) => {
    const { acceptors = 3, proposers = 2, learners = 1, attempts = 100 } = settings;
    const contactCount = settings["contact-count"] || null;
    if (contactCount !== null && contactCount > acceptors) {
      throw new RangeError(`contact-count ${contactCount} is more than the ${acceptors} acceptors there are`);
    }
    const parts = partsWith(REAL_PARTS, PAXOS_MUTATIONS, mutation);
    return paxosSystem({ acceptors, proposers, learners, contactCount, attempts }, parts);
  },
};
