import { KeyValueStore } from "@synod/state-machines";
import type { Mutation } from "../campaign/protocol.js";
import { onlyPromises } from "../paxos/flawed-acceptors.js";
import { answeringEarly, decidingAll, forgettingTruncation, keepingOne, MeddledAcceptor } from "./flawed-acceptors.js";
import { readingAt } from "./flawed-gateways.js";
import {
  applyingAcrossGaps,
  believingOneAcceptor,
  carryingOutCopies,
  mixingIds,
  oneRegister,
  takingAnyAccepted,
  tellingEarly,
} from "./flawed-learners.js";
import {
  answeringReads,
  countingAnswers,
  electedByOne,
  findingNothing,
  hushing,
  settlingAhead,
  silent,
  skippingGaps,
  takingAnyConfirmation,
  tellingUndecided,
  trustingOneSnapshot,
} from "./flawed-proposers.js";
import { flawsBesideEngine } from "./flaws-beside-engine.js";
import type { ClusterParts } from "./parts.js";

/**
 * A flaw to plant: the real roles with something put between them and their host, or taken away from them. Servers do not
 * import this package, and so can never have one.
 */
export type MultiPaxosMutation = Mutation<ClusterParts>;

type Change<Role extends keyof ClusterParts> = (
  part: ReturnType<ClusterParts[Role]>,
  options: Parameters<ClusterParts[Role]>[1],
) => ReturnType<ClusterParts[Role]>;

const BESIDE = flawsBesideEngine<ClusterParts>("learner");

export const MULTIPAXOS_MUTATIONS: readonly MultiPaxosMutation[] = [
  // --- Acceptors -----------------------------------------------------------------------------------------------------
  {
    name: "forgets-promise",
    sentence: "An acceptor that restarts remembers what it accepted, and none of its promises.",
    settings: { "hand-prepares": 100 },
    plant: (parts) => acceptorsReading(parts, (disk) => disk.filter(({ kind }) => kind !== "promised")),
  },
  {
    name: "forgets-accepted",
    sentence: "An acceptor that restarts remembers its promises, and nothing that it accepted.",
    plant: (parts) => acceptorsReading(parts, (disk) => onlyPromises(disk)),
  },
  {
    name: "answers-before-write",
    sentence: "An acceptor answers at once, and writes to its disk meanwhile.",
    plant: (parts) => ({ ...parts, acceptor: (disk, options) => answeringEarly(parts.acceptor(disk, options)) }),
  },
  {
    name: "keeps-one-slot",
    sentence: "An acceptor has room for one proposal, whatever the slot: there is no log.",
    plant: (parts) => ({ ...parts, acceptor: (disk, options) => new MeddledAcceptor(disk, options, keepingOne) }),
  },
  {
    name: "below-mark-is-decided",
    sentence: "An acceptor takes all that it has below the decided mark for decided, under whatever id it came.",
    settings: { "hand-prepares": 100 },
    plant: (parts) => ({ ...parts, acceptor: (disk, options) => new MeddledAcceptor(disk, options, decidingAll) }),
  },
  {
    name: "truncated-is-empty",
    sentence: "An acceptor takes slots that it truncated for slots in which it accepted nothing.",
    plant: (parts) => ({
      ...parts,
      acceptor: (disk, options) => new MeddledAcceptor(disk, options, forgettingTruncation),
    }),
  },
  // --- Proposers -----------------------------------------------------------------------------------------------------
  {
    name: "reuses-id",
    sentence: "A proposer that restarts has forgotten its number, and begins with its first id again.",
    plant: (parts) => ({ ...parts, proposer: (_, options) => parts.proposer([], options) }),
  },
  {
    name: "shares-ids",
    sentence: "All proposers take their ids from the same set.",
    plant: (parts) => ({ ...parts, proposer: (disk, options) => parts.proposer(disk, { ...options, index: 1 }) }),
  },
  {
    name: "elected-by-one",
    sentence: "A proposer leads as soon as one acceptor has promised.",
    plant: (parts) => proposers(parts, electedByOne),
  },
  {
    name: "drops-found-value",
    sentence: "A new leader forgets the values that it found, and puts others into their slots.",
    plant: (parts) => proposers(parts, findingNothing),
  },
  {
    name: "skips-gap",
    sentence: "A new leader leaves slots empty in which it found nothing, and goes on as if they were decided.",
    plant: (parts) => proposers(parts, skippingGaps),
  },
  {
    name: "settles-ahead",
    sentence: "A new leader begins ten slots after the last one that is settled.",
    plant: (parts) => proposers(parts, (proposer) => settlingAhead(proposer, 10)),
  },
  {
    name: "heartbeats-reach-nobody",
    sentence: "A leader's heartbeats reach no other proposer, so that each wants to lead.",
    plant: (parts) => proposers(parts, (proposer) => silent(proposer, "heartbeat")),
  },
  {
    name: "tells-no-learner",
    sentence: "A leader tells no learner what is decided.",
    plant: (parts) => proposers(parts, (proposer) => silent(proposer, "learn")),
  },
  {
    name: "asks-no-learner",
    sentence: "A leader tells every learner that another one says what came of values.",
    plant: (parts) => proposers(parts, hushing),
  },
  {
    name: "tells-undecided",
    sentence: "A leader tells learners and clients what it proposes before it is chosen.",
    plant: (parts) => proposers(parts, tellingUndecided),
  },
  {
    name: "counts-answers-twice",
    sentence: "A leader counts an acceptor as often as it answers.",
    plant: (parts) => proposers(parts, countingAnswers),
  },
  {
    name: "serves-early",
    sentence: "A new leader answers strong reads before it has decided what it found.",
    plant: (parts) => proposers(parts, (proposer) => answeringReads(proposer, ({ isServing }) => !isServing)),
  },
  {
    name: "reads-unconfirmed",
    sentence: "A leader answers strong reads without asking whether it still leads.",
    plant: (parts) => proposers(parts, (proposer) => answeringReads(proposer, ({ isServing }) => isServing)),
  },
  {
    name: "confirmed-before",
    sentence: "A leader takes an answer from before a strong read arrived for its confirmation.",
    plant: (parts) => proposers(parts, takingAnyConfirmation),
  },
  {
    name: "answers-no-barrier",
    sentence: "A leader never answers a strong read.",
    plant: (parts) => proposers(parts, (proposer) => silent(proposer, "read-barrier-passed")),
  },
  {
    name: "truncates-too-much",
    sentence: "A leader lets acceptors forget what a single learner has in a snapshot.",
    plant: (parts) => proposers(parts, trustingOneSnapshot),
  },
  // --- Learners ------------------------------------------------------------------------------------------------------
  {
    name: "applies-across-gaps",
    sentence: "A learner applies what it is told, though it lacks what comes before.",
    plant: (parts) => learners(parts, applyingAcrossGaps),
  },
  {
    name: "mixes-ids",
    sentence: "A learner adds up what acceptors accepted under different ids.",
    settings: { "hand-prepares": 100 },
    plant: (parts) => learners(parts, mixingIds),
  },
  {
    name: "believes-one-acceptor",
    sentence: "A learner takes what one acceptor has accepted for chosen.",
    plant: (parts) => learners(parts, (learner, { acceptors }) => believingOneAcceptor(learner, acceptors)),
  },
  {
    name: "takes-any-accepted",
    sentence:
      "A learner takes what the acceptor beside it has accepted, under whatever id, for what the leader decided.",
    plant: (parts) => learners(parts, takingAnyAccepted),
  },
  {
    name: "tells-snapshot-early",
    sentence: "A learner tells of a snapshot before it is on the disk.",
    plant: (parts) => learners(parts, tellingEarly),
  },
  {
    name: "one-register",
    sentence: "The store has one register for all keys.",
    plant: (parts) => ({ ...parts, application: (limits) => oneRegister(parts.application(limits)) }),
  },
  {
    name: "carries-out-copies",
    sentence: "A command is carried out as often as it is in the log.",
    plant: (parts) => ({ ...parts, application: (limits) => carryingOutCopies(new KeyValueStore(), { limits }) }),
  },
  BESIDE.forgetsSessions,
  BESIDE.remembersFirst,
  BESIDE.sharesAnySlot,
  // --- Gateways ------------------------------------------------------------------------------------------------------
  BESIDE.turnsResults,
  BESIDE.renumbersCopies,
  BESIDE.ignoresToken,
  {
    name: "reads-own-session-only",
    sentence: "A strong read sees what its own session has seen, and no more.",
    plant: (parts) => ({ ...parts, gateway: (options) => readingAt(parts.gateway(options), "strong", "session") }),
  },
  BESIDE.mixesAnswers,
  BESIDE.unknownIsRefused,
];

function acceptorsReading(
  parts: ClusterParts,
  change: (disk: Parameters<ClusterParts["acceptor"]>[0]) => Parameters<ClusterParts["acceptor"]>[0],
): ClusterParts {
  return { ...parts, acceptor: (disk, options) => parts.acceptor(change(disk), options) };
}

function proposers(parts: ClusterParts, change: Change<"proposer">): ClusterParts {
  return { ...parts, proposer: (disk, options) => change(parts.proposer(disk, options), options) };
}

function learners(parts: ClusterParts, change: Change<"learner">): ClusterParts {
  return { ...parts, learner: (disk, options) => change(parts.learner(disk, options), options) };
}
