import type {
  AcceptorWrite,
  ElectionOptions,
  Input,
  ProposerWrite,
  Ready,
  RingMessage,
  RingNodeParts,
  RingWrite,
} from "@synod/consensus";
import { partsWith } from "../campaign/protocol.js";
import { PAXOS_MUTATIONS } from "../paxos/mutations.js";
import { REAL_PARTS } from "../paxos/parts.js";
import type { RingClientPart, RingNodePart, RingParts } from "./parts.js";

/** A ring whose roles have this flaw of single-decree Paxos. */
export function withPaxosFlaw(parts: RingParts, name: string): RingParts {
  const flawed = partsWith(REAL_PARTS, PAXOS_MUTATIONS, name);
  const ofNodes: RingNodeParts = {
    ...parts.ofNodes,
    acceptor: (disk, learners) => flawed.acceptor(disk.filter(isAcceptorsWrite), { learners }),
    proposer: (disk, options) => flawed.proposer(disk.filter(isProposersWrite), options),
    learner: (poolSize) => flawed.learner(poolSize),
  };
  return { ...parts, ofNodes };
}

function isAcceptorsWrite(write: RingWrite): write is AcceptorWrite {
  return write.kind !== "election" && write.kind !== "proposing";
}

function isProposersWrite(write: RingWrite): write is ProposerWrite {
  return write.kind === "proposing";
}

type NodeInput = Input<RingMessage>;
type NodeStep = Ready<RingMessage, RingWrite, string>;

/** What is changed on the way to a node and from it. An input that becomes null is not heard. */
export interface NodeChanges {
  readonly input?: (input: NodeInput) => NodeInput | null;
  readonly output?: (ready: NodeStep) => NodeStep;
}

/** The real node, whose inputs or outputs are changed. */
export function changedNode(
  node: RingNodePart,
  { input = (one) => one, output = (one) => one }: NodeChanges,
): RingNodePart {
  return {
    step: (told) => {
      const heard = input(told as NodeInput);
      return heard === null ? NOTHING : output(node.step(heard));
    },
    get state() {
      return node.state;
    },
  };
}

const NOTHING = { writes: [], messages: [], replies: [], timers: [], decided: [] } as const;

/** The real client, some of whose timers never go off. */
export function withoutTimers(client: RingClientPart, names: readonly string[]): RingClientPart {
  return {
    step: (input) => {
      const ready = client.step(input);
      return { ...ready, timers: ready.timers.filter(({ timer }) => !names.includes(timer)) };
    },
    get state() {
      return client.state;
    },
  };
}

type Election = ReturnType<RingNodeParts["election"]>;

/** The real election, in which lower ids are passed on like higher ones, and each that comes back has won. */
export function lettingAllPass(election: Election, { ring, own }: ElectionOptions): Election {
  const place = ring.findIndex(({ name }) => name === own);
  const next = ring[(place + 1) % ring.length]?.name ?? own;
  const ownId = ring[place]?.id ?? 0;
  return {
    step: (input) => {
      const ready = election.step(input);
      if (input.kind !== "message" || input.message.type !== "elect") return ready;
      const { message } = input;
      if (message.election !== election.state.election || election.state.leader !== null) return ready;
      if (message.candidate === ownId) return together(ready, election.settle(message.election, ownId));
      const isPassed = ready.messages.some((sent) => sent.message.type === "elect");
      return isPassed ? ready : together(ready, { ...NOTHING, messages: [{ to: next, message }] });
    },
    again: () => election.again(),
    settle: (number, leader) => election.settle(number, leader),
    get state() {
      return election.state;
    },
  };
}

/** The real election, which takes itself for the leader as soon as it stands. */
export function leadingAtOnce(election: Election, { ring, own }: ElectionOptions): Election {
  const ownId = ring.find(({ name }) => name === own)?.id ?? 0;
  return {
    step: (input) => {
      const ready = election.step(input);
      const stands = ready.messages.some(({ message }) => message.type === "elect" && message.candidate === ownId);
      return stands ? together(ready, election.settle(election.state.election, ownId)) : ready;
    },
    again: () => election.again(),
    settle: (number, leader) => election.settle(number, leader),
    get state() {
      return election.state;
    },
  };
}

type ElectionStep = ReturnType<Election["step"]>;

function together(one: ElectionStep, other: ElectionStep): ElectionStep {
  return {
    writes: [...one.writes, ...other.writes],
    messages: [...one.messages, ...other.messages],
    replies: [],
    timers: [...one.timers, ...other.timers],
    decided: [],
  };
}
