import type { Chance, Input, NodeId, Participant, Random } from "@synod/consensus";
import type { Microseconds } from "../faults/fault.js";
import type { WorldEvent } from "./world-event.js";

/** The types of one protocol: what its nodes send, write, are asked and reply. */
export interface Kinds {
  readonly message: unknown;
  readonly write: unknown;
  readonly command: unknown;
  readonly reply: unknown;
}

/** One node of a simulated system. */
export interface NodePlan<K extends Kinds = Kinds> {
  readonly name: NodeId;
  /** What it is, for people: "acceptor". */
  readonly role: string;
  /**
   * The participant as it starts, for the first time or again.
   *
   * @param disk every write that its earlier lives made durable, oldest first
   * @param chance its own, another one for each life
   */
  start(disk: readonly K["write"][], chance: Chance): Participant<K["message"], K["write"], K["command"], K["reply"]>;
  /** The first input of every life, for a participant that must be told to begin: to set its first timer, say. */
  readonly firstInput?: Input<K["message"], K["command"]>;
}

/** The nodes that run on one machine. */
export interface Placement {
  readonly machine: NodeId;
  readonly nodes: readonly NodeId[];
}

/** What a client asks of a node. */
export interface Request<K extends Kinds = Kinds> {
  readonly atUs: Microseconds;
  readonly node: NodeId;
  readonly requestId: string;
  readonly command: K["command"];
}

/** A rule that was broken, and how. */
export interface Violation {
  /** The name of the property. */
  readonly property: string;
  /** What happened, in a sentence. */
  readonly sentence: string;
}

/** A property, for people. */
export interface PropertyText {
  readonly name: string;
  readonly sentence: string;
}

/** A property that asks for something to happen, and until when. */
export interface LivenessText extends PropertyText {
  readonly withinUs: Microseconds;
}

/**
 * Looks on while a system runs, and says when something happens that never may. A state machine like the participants:
 * the model checker makes it part of the explored state.
 */
export interface Watch<K extends Kinds = Kinds> {
  /** Takes one event; calls `report` for each property that it breaks. */
  observe(event: WorldEvent<K>, report: (violation: Violation) => void): void;
  /** Plain data: what it remembers. `System.watch` makes an equal one of it. */
  readonly state: unknown;
}

/** Looks on while a system runs in time, and counts what ought to happen now and then. */
export interface Occurrences<K extends Kinds = Kinds> {
  observe(event: WorldEvent<K>, nowUs: Microseconds): void;
  /** How often each thing happened. Every `sometimes` property is one of these. */
  readonly counts: Readonly<Record<string, number>>;
  /** The longest time that something took. */
  readonly longestUs: Readonly<Record<string, Microseconds>>;
  /** Whether what liveness asks for has happened. */
  readonly settled: boolean;
}

/** Everything that a simulation or a model check needs to know about a protocol. */
export interface System<K extends Kinds = Kinds> {
  readonly nodes: readonly NodePlan<K>[];
  /**
   * Which nodes share a machine: faults name the machines, and what the nodes of one say to each other passes no network.
   * No fault reaches a node that is not named here. Absent: each node is a machine of its own, of the same name.
   */
  readonly placements?: readonly Placement[];
  /** When the last fault of a random plan is over; absent: after 200 ms. */
  readonly faultsUntilUs?: Microseconds;
  /** Whether the network never repeats this message, as it goes over a connection that is used once; absent: it may repeat all. */
  isSentOnce?(message: K["message"]): boolean;
  /**
   * What clients ask for in one run.
   *
   * @param calmUs when the last fault is over: what liveness is about must be asked for after that
   */
  requests(random: Random, calmUs: Microseconds): readonly Request<K>[];
  /** What must never be broken. */
  readonly always: readonly PropertyText[];
  watch(state?: unknown): Watch<K>;
  /** What must happen in some run of many, or the others have tested nothing. Each name is a count. */
  readonly sometimes: readonly PropertyText[];
  /** @param calmUs when the last fault is over */
  occurrences(calmUs: Microseconds): Occurrences<K>;
  /** What must have happened so long after the last fault; null where nothing can be promised. */
  readonly liveness: LivenessText | null;
  messageInWords(message: K["message"]): string;
  writeInWords(write: K["write"]): string;
  commandInWords(command: K["command"]): string;
  replyInWords(reply: K["reply"]): string;
}
