import type { Chance, Random, Slot } from "@synod/consensus";
import type { Json, SessionPosition, TouchedBy } from "@synod/state-machines";

/** What is behind the log: how clients ask for it, and what must come of that. */
export interface Service {
  asking(random: Random): Asking;
  /** A model to which nothing has happened. */
  model(): MachineModel;
  /** For gateways, where commands may share a slot; absent: each has one of its own. */
  readonly touches?: TouchedBy;
}

/** What clients ask of a machine, drawn by chance. */
export interface Asking {
  /** A write of any kind. */
  write(): Json;
  /** A write that is carried out, whatever was before. */
  put(): Json;
  query(): Json;
  /** The same write, as it comes to another server. */
  again(operation: Json): Json;
}

/** A machine worked out a second time, as simply as can be, which also remembers what it was at every slot. */
export interface MachineModel {
  /** Whether it is an operation at all: of what is none nothing comes, and its number stays free. */
  isOperation(operation: Json): boolean;
  /** What an operation has that no other request's has; null if there is no such thing. */
  markOf(operation: Json): string | null;
  /** What an operation touches: those that touch different things may share a slot. Absent: none may. */
  touches?(operation: Json): string;
  carryOut(slot: Slot, operation: Json, position: SessionPosition): Json;
  /**
   * The answer to a question, as of a slot. @param told the one that was given: for an answer that is true of one server
   * and not of another one, which may have kept less
   */
  answer(query: Json, slot: Slot | 0, told: Json): Json;
  /**
   * Whether an operation of the log is what a client asked for; absent: if it is the same. A server may have put something
   * in that its client could not know.
   */
  isAskedFor?(operation: Json, asked: Json): boolean;
  /** All of it now, as rows of a snapshot. */
  readonly rows: Json[];
}

/** One of these, each equally likely. */
export function oneOf<T>(chance: Chance, items: readonly T[]): T {
  return items[chance.below(items.length)] as T;
}
