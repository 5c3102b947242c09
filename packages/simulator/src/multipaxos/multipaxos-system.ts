import type {
  AcceptorWrite,
  Chance,
  LearnerLimits,
  LearnerWrite,
  LogProposerOptions,
  NodeId,
  ProposerLimits,
  ProposerWrite,
  Random,
} from "@synod/consensus";
import { IDS_PER_ROUND, START_TIMER } from "@synod/consensus";
import type { SessionLimits } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import type { LivenessText, NodePlan, Placement, Request, System } from "../world/system.js";
import { KEY_VALUE } from "./key-value-service.js";
import type { ByHand, MultiPaxosKinds } from "./multipaxos-kinds.js";
import { NumberingClient } from "./numbering-client.js";
import { MultiPaxosOccurrences } from "./occurrences.js";
import { type ClusterParts, REAL_CLUSTER } from "./parts.js";
import { Person } from "./person.js";
import { MULTIPAXOS_ALWAYS } from "./properties.js";
import { RumourHearer } from "./rumours.js";
import { MultiPaxosSafety } from "./safety.js";
import type { Service } from "./service.js";
import { ASKED_AFTER_US } from "./settling.js";
import { multiPaxosSometimes } from "./sometimes.js";
import { acceptorBeside } from "./told-by-place.js";
import { commandInWords, messageInWords, replyInWords, writeInWords } from "./words.js";
import { Workload } from "./workload.js";

export interface MultiPaxosSettings {
  /** Writes and reads at least. */
  readonly operations: number;
  /** Prepares and accepts by hand at most. */
  readonly handPrepares: number;
  readonly handAccepts: number;
  readonly acceptors: number;
  /** At most 15: each has its own place among the ids of a round. */
  readonly proposers: number;
  readonly learners: number;
  readonly clients: number;
  /** Sessions that live at a time. */
  readonly sessions: number;
  /** How far the sequences of a session may run ahead. */
  readonly sequencesAhead: number;
  /** A learner takes a snapshot after so many characters of values. */
  readonly snapshotCharacters: number;
  /** Slots below the snapshots that acceptors keep. */
  readonly keptBelowSnapshot: number;
  /**
   * The acceptor, the proposer and the learner of each number share a machine, n1, n2, ..., and know it, and there are no
   * rumours: as many of each role are needed. Absent: each node is alone, and what it thinks to be beside it is chance.
   */
  readonly onMachines?: boolean;
}

/** The names of all nodes by role. */
export interface ClusterNames {
  readonly acceptors: readonly NodeId[];
  readonly proposers: readonly NodeId[];
  readonly learners: readonly NodeId[];
  readonly clients: readonly NodeId[];
  readonly person: NodeId;
}

const FAULTS_UNTIL_US: Microseconds = 1_500_000;
const LIVENESS_WITHIN_US: Microseconds = 20_000_000;

/** A twentieth to a fifth of what servers use: a run is short. */
const TIMING = { heartbeatMs: 20, electionTimeoutMs: 100, hasteMs: 10, catchUpMs: 25, attemptMs: 80, retryMs: 15 };

/** Limits that are reached: several batches, refusals, logs that are cut off, peers that no longer have what one lacks. */
const PROPOSER: Partial<ProposerLimits> = { batchEntries: 5, batchesInFlight: 3, queuedEntries: 12, keptEntries: 30 };
const LEARNER: Partial<LearnerLimits> = {
  keptEntries: 4,
  aheadEntries: 40,
  syncEntries: 8,
  waitingQueries: 20,
  answerCharacters: 60,
};
/** Lives of a client are told apart by a number below this one. */
const LIVES = 1_000_000;
const CLIENT = { submissionsInFlight: 2, submissionEntries: 6 };

/** Ids of people rise by so many rounds each time: proposers do not get there by themselves. */
const ROUNDS_BY_HAND = 64;

const LIVENESS: LivenessText = {
  name: "serves-again",
  sentence:
    "once faults stop, one proposer leads, each client writes and reads strongly, and all learners hold the same, within 20 s",
  withinUs: LIVENESS_WITHIN_US,
};

/**
 * A service on Multi-Paxos (Paxos Made Simple §3) as it is simulated. @param parts the roles, and the application that
 * learners feed with what clients of this service ask for
 */
export function multiPaxosSystem(
  settings: MultiPaxosSettings,
  parts: ClusterParts = REAL_CLUSTER,
  service: Service = KEY_VALUE,
): System<MultiPaxosKinds> {
  const names: ClusterNames = {
    acceptors: numbered("a", settings.acceptors),
    proposers: numbered("p", settings.proposers),
    learners: numbered("l", settings.learners),
    clients: numbered("c", settings.clients),
    person: "h1",
  };
  const limits: Partial<SessionLimits> = { sessions: settings.sessions, sequencesAhead: settings.sequencesAhead };
  return {
    nodes: nodesOf(names, settings, limits, parts, service),
    ...(settings.onMachines ? { placements: placementsOf(names) } : {}),
    faultsUntilUs: FAULTS_UNTIL_US,
    // A refusal says that a submission was not proposed: of a repeated one nobody could say so.
    isSentOnce: ({ type }) => type === "submit",
    requests: (random, calmUs) => requestsOf(names, settings, service, random, calmUs),
    always: MULTIPAXOS_ALWAYS,
    watch: () => new MultiPaxosSafety(names, limits, service),
    sometimes: multiPaxosSometimes(settings, service),
    occurrences: (calmUs) => new MultiPaxosOccurrences(names, limits, calmUs, service),
    liveness: LIVENESS,
    messageInWords: (message) => messageInWords(message),
    writeInWords: (write) => writeInWords(write),
    commandInWords,
    replyInWords,
  };
}

function requestsOf(
  { acceptors, clients, person }: ClusterNames,
  settings: MultiPaxosSettings,
  service: Service,
  random: Random,
  calmUs: Microseconds,
): Request<MultiPaxosKinds>[] {
  const workload = new Workload<ByHand>(random, clients, service);
  const untilUs = calmUs + ASKED_AFTER_US;
  workload.plan(settings.operations, untilUs);
  planByHand(workload, random, settings, acceptors, person, untilUs);
  workload.probe(calmUs, LIVENESS_WITHIN_US / 2);
  return [...workload.requests];
}

/** What a person does, at any time before this one. */
function planByHand(
  workload: Workload<ByHand>,
  random: Random,
  { handPrepares, handAccepts }: MultiPaxosSettings,
  acceptors: readonly NodeId[],
  person: NodeId,
  untilUs: Microseconds,
): void {
  const isAccept = [
    ...Array.from({ length: random.below(handPrepares + 1) }, () => false),
    ...Array.from({ length: random.below(handAccepts + 1) }, () => true),
  ];
  for (const [place, accepts] of random.sample(isAccept, isAccept.length).entries()) {
    const id = IDS_PER_ROUND * ROUNDS_BY_HAND * (place + 1);
    const some = random.sample(acceptors, 1 + random.below(acceptors.length));
    const command = accepts
      ? ({ kind: "accept-by-hand", id, ahead: 1 + random.below(6), value: `by hand ${place + 1}` } as const)
      : ({ kind: "prepare-by-hand", id, acceptors: acceptors.filter((node) => some.includes(node)) } as const);
    workload.byHand(person, place + 1, random.below(untilUs), command);
  }
}

function nodesOf(
  names: ClusterNames,
  settings: MultiPaxosSettings,
  sessionLimits: Partial<SessionLimits>,
  parts: ClusterParts,
  { touches }: Pick<Service, "touches">,
): NodePlan<MultiPaxosKinds>[] {
  const { acceptors, proposers, learners, clients, person } = names;
  const { onMachines = false } = settings;
  const firstInput = { kind: "timeout", timer: START_TIMER } as const;
  const proposerLimits = { ...PROPOSER, keptBelowSnapshot: settings.keptBelowSnapshot };
  const learnerLimits = { ...LEARNER, snapshotCharacters: settings.snapshotCharacters };
  return [
    ...acceptors.map((name) => ({
      name,
      role: "acceptor",
      start: (disk: readonly MultiPaxosKinds["write"][]) =>
        parts.acceptor(disk as readonly AcceptorWrite[], { cluster: { acceptsByHand: true } }),
    })),
    ...proposers.map(
      (name, place): NodePlan<MultiPaxosKinds> => ({
        name,
        role: "proposer",
        start: (disk, chance) => {
          const rivals = proposers.filter((one) => one !== name);
          const proposer = parts.proposer(disk as readonly ProposerWrite[], {
            name,
            index: place + 1,
            acceptors,
            rivals,
            learners,
            ...(onMachines ? besideOnMachine(names, place) : besideByChance(chance, names)),
            chance,
            timing: TIMING,
            limits: proposerLimits,
          });
          const hearsOf = onMachines ? [] : rivals;
          return new RumourHearer(proposer, hearsOf, chance) as ReturnType<NodePlan<MultiPaxosKinds>["start"]>;
        },
        firstInput,
      }),
    ),
    ...learners.map(
      (name): NodePlan<MultiPaxosKinds> => ({
        name,
        role: "learner",
        start: (disk) =>
          parts.learner(disk as readonly LearnerWrite[], {
            name,
            acceptors,
            peers: learners.filter((one) => one !== name),
            ...acceptorOf(names, name),
            application: parts.application(sessionLimits),
            timing: TIMING,
            limits: learnerLimits,
          }) as ReturnType<NodePlan<MultiPaxosKinds>["start"]>,
        firstInput,
      }),
    ),
    ...clients.map(
      (name): NodePlan<MultiPaxosKinds> => ({
        name,
        role: "client",
        start: (_, chance) =>
          new NumberingClient(
            parts.gateway({
              proposers,
              learners,
              newClientId: () => `${name}-${chance.below(2 ** 32).toString(16)}`,
              touches,
              timing: TIMING,
              limits: CLIENT,
            }),
            chance.below(LIVES),
          ) as ReturnType<NodePlan<MultiPaxosKinds>["start"]>,
      }),
    ),
    {
      name: person,
      role: "person",
      start: () => new Person(acceptors) as ReturnType<NodePlan<MultiPaxosKinds>["start"]>,
    },
  ];
}

type Beside = Pick<LogProposerOptions, "reporter" | "besideAcceptors">;

/**
 * In half of its lives a proposer has a learner beside it, as in a process that has both roles; in half of them it knows
 * that learners have an acceptor beside them, and tells those slots alone.
 */
function besideByChance(chance: Chance, names: ClusterNames): Beside {
  const { learners } = names;
  const reporter = learners[chance.below(2 * learners.length)];
  const knows = chance.below(2) === 1;
  return {
    ...(reporter === undefined ? {} : { reporter }),
    ...(knows ? { besideAcceptors: learners.filter((one) => acceptorBeside(names, one) !== undefined) } : {}),
  };
}

function besideOnMachine({ learners }: ClusterNames, place: number): Beside {
  const reporter = learners[place];
  return { ...(reporter === undefined ? {} : { reporter }), besideAcceptors: learners };
}

function placementsOf({ acceptors, proposers, learners, clients }: ClusterNames): Placement[] {
  const beside = (place: number) => [acceptors[place], proposers[place], learners[place]];
  return [
    ...acceptors.map((_, place) => ({
      machine: `n${place + 1}`,
      nodes: beside(place).filter((one) => one !== undefined),
    })),
    ...clients.map((name) => ({ machine: name, nodes: [name] })),
  ];
}

function acceptorOf(names: ClusterNames, learner: NodeId): { readonly acceptor?: NodeId } {
  const acceptor = acceptorBeside(names, learner);
  return acceptor === undefined ? {} : { acceptor };
}

function numbered(letter: string, count: number): NodeId[] {
  return Array.from({ length: count }, (_, place) => `${letter}${place + 1}`);
}
