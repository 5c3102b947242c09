import {
  type NodeId,
  type RaftLimits,
  type RaftTiming,
  type RaftWrite,
  type Random,
  START_TIMER,
} from "@synod/consensus";
import type { SessionLimits } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import { KEY_VALUE } from "../multipaxos/key-value-service.js";
import { NumberingClient } from "../multipaxos/numbering-client.js";
import { oneOf, type Service } from "../multipaxos/service.js";
import { ASKED_AFTER_US } from "../multipaxos/settling.js";
import { Workload } from "../multipaxos/workload.js";
import type { LivenessText, NodePlan, Request, System } from "../world/system.js";
import { Operator } from "./operator.js";
import { type RaftClusterParts, REAL_RAFT } from "./parts.js";
import { RAFT_ALWAYS } from "./properties.js";
import type { Operation, RaftKinds } from "./raft-kinds.js";
import { RaftOccurrences } from "./raft-occurrences.js";
import { RaftSafety } from "./safety.js";
import { raftSometimes } from "./sometimes.js";
import { commandInWords, messageInWords, replyInWords, writeInWords } from "./words.js";

export interface RaftSystemSettings {
  /** Voters when the cluster is made. */
  readonly servers: number;
  /** Servers beside them, which may be added. */
  readonly spares: number;
  readonly clients: number;
  /** Writes and reads at least. */
  readonly operations: number;
  /** Sessions that live at a time. */
  readonly sessions: number;
  /** How far the sequences of a session may run ahead. */
  readonly sequencesAhead: number;
  /** A server takes a snapshot after so many characters of values. */
  readonly snapshotCharacters: number;
  /** What an operator asks for at most: transfers, and other members. */
  readonly transfers: number;
  readonly memberChanges: number;
  /** Messages of Raft sent by hand at most. */
  readonly byHand: number;
}

/** The names of all nodes by role. */
export interface RaftNames {
  readonly voters: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly clients: readonly NodeId[];
  readonly operator: NodeId;
}

const FAULTS_UNTIL_US: Microseconds = 1_500_000;
const LIVENESS_WITHIN_US: Microseconds = 20_000_000;

/** A third of what servers use: a run is short. */
const TIMING: RaftTiming = { heartbeatMs: 20, electionTimeoutMs: 100 };
const CLIENT_TIMING = { attemptMs: 80, retryMs: 15 };

/** Limits that are reached: several batches, refusals, logs that are cut off, followers that lack what is cut off. */
const LIMITS: Partial<RaftLimits> = {
  batchEntries: 5,
  batchesInFlight: 3,
  uncommittedEntries: 20,
  queuedEntries: 12,
  keptEntries: 6,
  waitingQueries: 20,
  answerCharacters: 60,
  catchUpRounds: 5,
};
/** Lives of a client are told apart by a number below this one. */
const LIVES = 1_000_000;
const CLIENT = { submissionsInFlight: 2, submissionEntries: 6 };

const LIVENESS: LivenessText = {
  name: "serves-again",
  sentence:
    "once faults stop, one server leads, each client writes and reads strongly, and all members have applied the same, within 20 s",
  withinUs: LIVENESS_WITHIN_US,
};

/**
 * A service on Raft (Ongaro, "Consensus: Bridging Theory and Practice", 2014) as it is simulated. @param parts the roles,
 * and the application that servers feed with what clients of this service ask for
 */
export function raftSystem(
  settings: RaftSystemSettings,
  parts: RaftClusterParts = REAL_RAFT,
  service: Service = KEY_VALUE,
): System<RaftKinds> {
  const servers = numbered("n", settings.servers + settings.spares);
  const names: RaftNames = {
    voters: servers.slice(0, settings.servers),
    spares: servers.slice(settings.servers),
    clients: numbered("c", settings.clients),
    operator: "h1",
  };
  const limits: Partial<SessionLimits> = { sessions: settings.sessions, sequencesAhead: settings.sequencesAhead };
  return {
    nodes: nodesOf(names, settings, limits, parts, service),
    faultsUntilUs: FAULTS_UNTIL_US,
    // A refusal says that a submission was not put into the log: of a repeated one nobody could say so.
    isSentOnce: ({ type }) => type === "submit",
    requests: (random, calmUs) => requestsOf(names, settings, service, random, calmUs),
    always: RAFT_ALWAYS,
    watch: () => new RaftSafety(names, limits, service),
    sometimes: raftSometimes(settings, service),
    occurrences: (calmUs) => new RaftOccurrences(names, limits, calmUs, service),
    liveness: LIVENESS,
    messageInWords,
    writeInWords,
    commandInWords,
    replyInWords,
  };
}

function requestsOf(
  { voters, spares, clients, operator }: RaftNames,
  settings: RaftSystemSettings,
  service: Service,
  random: Random,
  calmUs: Microseconds,
): Request<RaftKinds>[] {
  const workload = new Workload<Operation>(random, clients, service);
  const untilUs = calmUs + ASKED_AFTER_US;
  workload.plan(settings.operations, untilUs);
  for (const [place, operation] of operations(random, settings, [...voters, ...spares]).entries()) {
    // All is over when the last fault is: what liveness asks for is asked of a cluster that is left alone.
    workload.byHand(operator, place + 1, random.below(Math.max(1, calmUs)), operation);
  }
  workload.probe(calmUs, LIVENESS_WITHIN_US / 2);
  return [...workload.requests];
}

/** What an operator asks for and does by hand, in no order. */
function operations(
  random: Random,
  { transfers, memberChanges, byHand }: RaftSystemSettings,
  servers: readonly NodeId[],
): readonly Operation[] {
  const some = <T>(most: number, one: () => T): T[] => Array.from({ length: random.below(most + 1) }, one);
  const server = () => oneOf(random, servers);
  return [
    ...some(transfers, (): Operation => ({ kind: "transfer", server: server() })),
    ...some(memberChanges, (): Operation => {
      return { kind: "change-members", change: oneOf(random, ["add", "remove"]), server: server() };
    }),
    ...some(byHand, (): Operation => {
      const kind = oneOf(random, ["stale-append", "call-election", "timeout-now"] as const);
      if (kind !== "call-election") return { kind, server: server() };
      return { kind, server: server(), transfer: random.below(2) === 0, hasLog: random.below(2) === 0 };
    }),
  ];
}

function nodesOf(
  { voters, spares, clients, operator }: RaftNames,
  settings: RaftSystemSettings,
  sessionLimits: Partial<SessionLimits>,
  parts: RaftClusterParts,
  { touches }: Pick<Service, "touches">,
): NodePlan<RaftKinds>[] {
  const servers = [...voters, ...spares];
  const firstInput = { kind: "timeout", timer: START_TIMER } as const;
  return [
    ...servers.map(
      (name): NodePlan<RaftKinds> => ({
        name,
        role: "server",
        start: (disk, chance) =>
          parts.server(disk as readonly RaftWrite[], {
            name,
            voters: voters.includes(name) ? voters : [],
            application: parts.application(sessionLimits),
            chance,
            timing: TIMING,
            limits: { ...LIMITS, snapshotCharacters: settings.snapshotCharacters },
          }) as ReturnType<NodePlan<RaftKinds>["start"]>,
        firstInput,
      }),
    ),
    ...clients.map(
      (name): NodePlan<RaftKinds> => ({
        name,
        role: "client",
        start: (_, chance) =>
          new NumberingClient(
            parts.gateway({
              proposers: servers,
              learners: servers,
              newClientId: () => `${name}-${chance.below(2 ** 32).toString(16)}`,
              touches,
              timing: CLIENT_TIMING,
              limits: CLIENT,
            }),
            chance.below(LIVES),
          ) as unknown as ReturnType<NodePlan<RaftKinds>["start"]>,
      }),
    ),
    {
      name: operator,
      role: "operator",
      start: () => new Operator(operator, servers) as unknown as ReturnType<NodePlan<RaftKinds>["start"]>,
    },
  ];
}

function numbered(letter: string, count: number): NodeId[] {
  return Array.from({ length: count }, (_, place) => `${letter}${place + 1}`);
}
