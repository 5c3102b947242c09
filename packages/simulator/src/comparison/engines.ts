import { LogLearner, LogProposer, RaftNode } from "@synod/consensus";
import { type Protocol, partsWith, type Setting, type Settings } from "../campaign/protocol.js";
import { multiPaxosSystem } from "../multipaxos/multipaxos-system.js";
import { MULTIPAXOS_MUTATIONS } from "../multipaxos/mutations.js";
import { type ClusterParts, REAL_CLUSTER } from "../multipaxos/parts.js";
import { RAFT_MUTATIONS } from "../raft/mutations.js";
import { type RaftClusterParts, REAL_RAFT } from "../raft/parts.js";
import { raftSystem } from "../raft/raft-system.js";
import type { Occurrences, Placement, System } from "../world/system.js";
import { type EngineKinds, EngineTally } from "./engine-tally.js";
import { askedUntil, steadyWorkload } from "./steady-workload.js";

/** The same for every engine. An election time-out is this, and up to as much again by chance. */
export const COMPARED_TIMING = { heartbeatMs: 20, electionTimeoutMs: 100 } as const;

/** The same for every engine, under the names that both have for them. */
const LIMITS = { batchEntries: 20, batchesInFlight: 3, queuedEntries: 100, keptEntries: 30 } as const;
const ANSWERING = { waitingQueries: 100, answerCharacters: 10_000, snapshotCharacters: 4_000 } as const;
const CATCH_UP_MS = 25;
const HASTE_MS = 10;

const CLUSTER: ClusterParts = {
  ...REAL_CLUSTER,
  proposer: (disk, options) => {
    const timing = { ...COMPARED_TIMING, hasteMs: HASTE_MS };
    return new LogProposer({ ...options, timing, limits: { ...options.limits, ...LIMITS } }, disk);
  },
  learner: (disk, options) => {
    const limits = { ...ANSWERING, keptEntries: LIMITS.keptEntries };
    return new LogLearner({ ...options, timing: { catchUpMs: CATCH_UP_MS }, limits }, disk);
  },
};

const SERVERS: RaftClusterParts = {
  ...REAL_RAFT,
  server: (disk, options) => {
    return new RaftNode({ ...options, timing: COMPARED_TIMING, limits: { ...LIMITS, ...ANSWERING } }, disk);
  },
};

const SETTINGS: Readonly<Record<string, Setting>> = {
  nodes: { sentence: "machines", default: 3, least: 2, most: 9 },
  clients: { sentence: "gateways, each with clients of its own", default: 2, least: 1, most: 9 },
};

/** What sessions there are matters to no engine. */
const SESSIONS = { sessions: 100, sequencesAhead: 1024 };

const RAFT_ENGINE: Protocol = {
  name: "raft",
  summary: "Raft, a server on each machine",
  settings: SETTINGS,
  mutations: RAFT_MUTATIONS.map(inOwnSettings),
  modelSettings,
  system: (settings, mutation) => {
    const { nodes, clients } = chosen(settings);
    const nobody = { spares: 0, transfers: 0, memberChanges: 0, byHand: 0 };
    const own = { ...SESSIONS, ...nobody, snapshotCharacters: ANSWERING.snapshotCharacters };
    const parts = partsWith(SERVERS, RAFT_MUTATIONS, mutation);
    const system = raftSystem({ ...own, servers: nodes, clients, operations: 0 }, parts);
    const machines = system.nodes.filter(({ role }) => role === "server" || role === "client");
    return compared(
      system as unknown as System<EngineKinds>,
      machines.map(({ name }) => ({ machine: name, nodes: [name] })),
    );
  },
};

const MULTIPAXOS_ENGINE: Protocol = {
  name: "multipaxos",
  summary: "Multi-Paxos, an acceptor, a proposer and a learner on each machine",
  settings: SETTINGS,
  mutations: MULTIPAXOS_MUTATIONS.map(inOwnSettings),
  modelSettings,
  system: (settings, mutation) => {
    const { nodes, clients } = chosen(settings);
    const roles = { acceptors: nodes, proposers: nodes, learners: nodes, clients };
    const nobody = { handPrepares: 0, handAccepts: 0 };
    const kept = { snapshotCharacters: ANSWERING.snapshotCharacters, keptBelowSnapshot: LIMITS.keptEntries };
    const parts = partsWith(CLUSTER, MULTIPAXOS_MUTATIONS, mutation);
    const system = multiPaxosSystem(
      { ...SESSIONS, ...nobody, ...kept, ...roles, operations: 0, onMachines: true },
      parts,
    );
    return compared(system as unknown as System<EngineKinds>, system.placements ?? []);
  },
};

/**
 * What can be put side by side: the machines n1, n2, ... and the clients c1, c2, ... of all have the same names, so that
 * the same faults reach the same machines, and the same clients ask for the same at the same times.
 */
export const ENGINES: readonly Protocol[] = [RAFT_ENGINE, MULTIPAXOS_ENGINE];

function compared(system: System<EngineKinds>, placements: readonly Placement[]): System {
  const clients = system.nodes.filter(({ role }) => role === "client").map(({ name }) => name);
  const asEngine: System<EngineKinds> = {
    ...system,
    placements,
    requests: (random, calmUs) => steadyWorkload(random, clients, askedUntil(calmUs)),
    // Whether enough of each thing happened is asked where the engine is simulated by itself.
    sometimes: [],
    occurrences: (calmUs): Occurrences<EngineKinds> => {
      return new EngineTally(system.occurrences(calmUs), placements, calmUs);
    },
  };
  return asEngine as unknown as System;
}

/** A comparison has no settings for a single flaw. */
function inOwnSettings<M extends { readonly name: string; readonly sentence: string }>({ name, sentence }: M) {
  return { name, sentence };
}

function chosen({ nodes = 3, clients = 2 }: Settings): { readonly nodes: number; readonly clients: number } {
  return { nodes, clients };
}

function modelSettings(): never {
  throw new RangeError("engines are compared in simulated runs only");
}
