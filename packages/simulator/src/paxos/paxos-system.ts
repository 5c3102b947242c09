import {
  type Chance,
  majorityOf,
  messageInWords,
  type NodeId,
  type ProposeCommand,
  type ProposerMessage,
  type ProposerReply,
  type Random,
  SINGLE_DECREE,
  writeInWords,
} from "@synod/consensus";
import type { Microseconds } from "../faults/fault.js";
import type { LivenessText, NodePlan, Request, System } from "../world/system.js";
import { PaxosOccurrences, paxosSometimes } from "./occurrences.js";
import { type Parts, REAL_PARTS } from "./parts.js";
import { type PaxosKinds, valueIn } from "./paxos-kinds.js";
import { PAXOS_ALWAYS, PaxosSafety } from "./safety.js";

/** A pool and its proposers. */
export interface PaxosSettings {
  readonly acceptors: number;
  /** At most 15: each has its own place among the ids of a round. */
  readonly proposers: number;
  readonly learners: number;
  /** How many acceptors, picked at random, a proposer contacts in each attempt; null: another number in each life. */
  readonly contactCount: number | null;
  /** How often a proposer tries before it tells its client that it failed. */
  readonly attempts: number;
}

const PHASE_TIMEOUT_MS = 40;
const BACK_OFF_MS = 20;
/** How long after the last fault every proposer must know what is chosen: some dozens of attempts. */
const LIVENESS_WITHIN_US = 20_000_000;
const REQUESTS_UNDER_FAULTS = 6;
/** Fewer attempts may all be pre-empted. */
const ENOUGH_ATTEMPTS = 20;

const LIVENESS: LivenessText = {
  name: "a-value-is-chosen",
  sentence: "once faults stop, every proposer that is asked learns what is chosen, within 20 s",
  withinUs: LIVENESS_WITHIN_US,
};

const VALUES = ["tea", "coffee", "milk", "cocoa", "juice", "water", "mate", "chai", "soda", "cider", "punch", "broth"];

/** Single-decree Paxos (Paxos Made Simple §2) as it is simulated and model checked. */
export function paxosSystem(settings: PaxosSettings, parts: Parts = REAL_PARTS): System<PaxosKinds> {
  const acceptors = names("a", settings.acceptors);
  const proposers = names("p", settings.proposers);
  const learners = names("l", settings.learners);
  const nodes: NodePlan<PaxosKinds>[] = [
    ...acceptors.map((name) => acceptorPlan(name, learners, parts)),
    ...proposers.map((name, place) => proposerPlan(name, place + 1, acceptors, settings, parts)),
    ...learners.map((name) => ({ name, role: "learner", start: () => parts.learner(acceptors.length) })),
  ];
  return {
    nodes,
    requests: (random, calmUs) => requestsOf(proposers, random, calmUs),
    always: PAXOS_ALWAYS,
    watch: (state) => new PaxosSafety(acceptors, state as PaxosSafety["state"]),
    sometimes: paxosSometimes(settings),
    occurrences: (calmUs) => new PaxosOccurrences(acceptors.length, proposers, calmUs),
    liveness: canPromise(settings) ? LIVENESS : null,
    messageInWords: (message) => messageInWords(message as ProposerMessage),
    writeInWords,
    commandInWords: (command) => `propose "${valueIn(command)}"`,
    replyInWords,
  };
}

function acceptorPlan(name: NodeId, learners: readonly NodeId[], parts: Parts): NodePlan<PaxosKinds> {
  return {
    name,
    role: "acceptor",
    start: (disk) => parts.acceptor(disk as Parameters<Parts["acceptor"]>[0], { learners }),
  };
}

function proposerPlan(
  name: NodeId,
  index: number,
  acceptors: readonly NodeId[],
  { contactCount, attempts }: PaxosSettings,
  parts: Parts,
): NodePlan<PaxosKinds> {
  return {
    name,
    role: "proposer",
    start: (disk, random) =>
      parts.proposer(disk as Parameters<Parts["proposer"]>[0], {
        acceptors,
        contactCount: contactCount ?? someMajority(acceptors.length, random),
        index,
        attempts,
        phaseTimeoutMs: PHASE_TIMEOUT_MS,
        backOffMs: BACK_OFF_MS,
        random,
      }),
  };
}

/** Whether proposers try often enough, and ask enough acceptors, for liveness to be asked of them. */
function canPromise({ acceptors, contactCount, attempts }: PaxosSettings): boolean {
  return attempts >= ENOUGH_ATTEMPTS && (contactCount === null || contactCount >= majorityOf(acceptors));
}

/** At least a majority, at most all. */
function someMajority(poolSize: number, random: Chance): number {
  const least = majorityOf(poolSize);
  return least + random.below(poolSize - least + 1);
}

/** Each proposer is asked a few times while there are faults, first all at about the same time, and twice after them. */
function requestsOf(proposers: readonly NodeId[], random: Random, calmUs: Microseconds): Request<PaxosKinds>[] {
  const requests: Request<PaxosKinds>[] = [];
  const ask = (node: NodeId, atUs: Microseconds) => {
    const count = requests.length;
    const round = Math.floor(count / VALUES.length);
    const value = `${VALUES[count % VALUES.length]}${round === 0 ? "" : round + 1}`;
    const command: ProposeCommand = { instance: SINGLE_DECREE, value, id: null };
    requests.push({ atUs, node, requestId: `${node}#${count + 1}`, command });
  };
  for (const node of proposers) {
    ask(node, random.below(10_000));
    for (let more = 1; more < REQUESTS_UNDER_FAULTS; more++) ask(node, random.below(Math.max(1, calmUs)));
    ask(node, calmUs + random.below(20_000));
    ask(node, calmUs + Math.floor(LIVENESS_WITHIN_US / 2));
  }
  return requests;
}

function replyInWords({ outcome, chosen }: ProposerReply): string {
  return chosen ? `${outcome}: "${chosen.acceptedValue}" under ${chosen.acceptedId}` : outcome;
}

function names(letter: string, count: number): NodeId[] {
  return Array.from({ length: count }, (_, place) => `${letter}${place + 1}`);
}
