import type { NodeId } from "../core/participant.js";
import type { AcceptorReply, AcceptorRequest, ProposerMessage } from "../paxos/messages.js";
import type { ProposalOutcome } from "../paxos/proposer-state.js";
import type { RingRoles } from "./roles.js";

/** Elections are numbered 1, 2, 3, ...: what belongs to an earlier one counts no more. */
export type ElectionNumber = number;

/** What orders the members of a ring: any integers, each of them once. The highest wins. */
export type RingId = number;

// --- On the ring, from each node to the next one that lives -----------------------------------------------------------

/** A candidate's id on its way around the ring (Chang and Roberts 1979): whoever has a higher one lets it go no further. */
export interface Elect {
  readonly type: "elect";
  readonly election: ElectionNumber;
  readonly candidate: RingId;
}

/** The second round: this id came back to its owner, who leads. */
export interface Elected {
  readonly type: "elected";
  readonly election: ElectionNumber;
  readonly leader: RingId;
}

/** The next node has taken the message, and sees to it from here on. Beyond the paper, whose messages are never lost. */
export interface Passed {
  readonly type: "passed";
  readonly of: "elect" | "elected";
  readonly election: ElectionNumber;
  readonly id: RingId;
}

/** Your message belongs to an election that is over: there is a later one. */
export interface LaterElection {
  readonly type: "later-election";
  readonly election: ElectionNumber;
}

export type ElectionMessage = Elect | Elected | Passed | LaterElection;

// --- From the leader, to all ------------------------------------------------------------------------------------------

/** Everybody begins, in these roles. */
export interface Start {
  readonly type: "start";
  readonly election: ElectionNumber;
  readonly leader: RingId;
  readonly roles: RingRoles;
}

/** I have begun. */
export interface Started {
  readonly type: "started";
  readonly election: ElectionNumber;
}

// --- Between clients and nodes ----------------------------------------------------------------------------------------

/** A client that has missed START asks for it. */
export interface Greet {
  readonly type: "greet";
}

/** A client asks its proposer to have this value chosen. */
export interface RingPropose {
  readonly type: "propose";
  /** The client's own count of its requests: an answer names it, and a repeat of a message is known by it. */
  readonly number: number;
  readonly value: string;
}

/** How a proposal ended. Which value is chosen, learners tell. */
export interface Proposed {
  readonly type: "proposed";
  readonly number: number;
  readonly outcome: ProposalOutcome;
  /** False if the value was certainly put to no acceptor for this request. */
  readonly mayStillBeChosen: boolean;
}

/** A client asks a learner what is chosen. */
export interface AskChosen {
  readonly type: "ask-chosen";
}

/** A learner tells a client what is chosen. */
export interface Chosen {
  readonly type: "chosen";
  readonly value: string;
}

/** A learner does not know yet, and is asking the acceptors. */
export interface NotKnown {
  readonly type: "not-known";
  /** Acceptors that have accepted the proposal which most of them have, as far as this learner heard. */
  readonly accepted: number;
}

/** A client has heard what is chosen. */
export interface Heard {
  readonly type: "heard";
}

/** A client needs this ring no more. */
export interface Done {
  readonly type: "done";
}

/** A node tells the others that all clients are done: one that was down meanwhile has not heard each of them. */
export interface AllDone {
  readonly type: "all-done";
}

/** A node knows that. */
export interface DoneHeard {
  readonly type: "done-heard";
}

export type RingClientMessage =
  | Greet
  | RingPropose
  | Proposed
  | AskChosen
  | Chosen
  | NotKnown
  | Heard
  | Done
  | AllDone
  | DoneHeard;

/** Everything that the members of a ring say to each other. Between the roles they speak single-decree Paxos. */
export type RingMessage =
  | ElectionMessage
  | Start
  | Started
  | RingClientMessage
  | AcceptorRequest
  | AcceptorReply
  | ProposerMessage;

/** A node of the ring: how it is ordered, and how it is reached. */
export interface RingMember {
  readonly id: RingId;
  readonly name: NodeId;
}
