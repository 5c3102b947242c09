import { invariant } from "../core/invariant.js";
import { NO_PROPOSAL, type ProposalId } from "../core/proposal-id.js";
import type { Acceptance, Instance } from "./messages.js";

/** How many acceptances made by hand an instance keeps. */
export const HISTORY_LIMIT = 100;

/** Everything an acceptor must remember across a crash. Plain data. */
export interface AcceptorState {
  /** The highest id promised or accepted, for the whole log; -1 before the first. */
  readonly promisedId: ProposalId | typeof NO_PROPOSAL;
  /** Entries at or below this instance are decided and gone; 0 if none are. */
  readonly truncatedThrough: Instance | 0;
  /** What was accepted, in the order of instances, each instance once. */
  readonly entries: readonly AcceptorEntry[];
}

/** What an acceptor knows of one instance. */
export interface AcceptorEntry extends Acceptance {
  readonly instance: Instance;
  /** Whether this value is known here to be chosen. */
  readonly decided?: true;
  /** Acceptances made by hand, oldest first, at most HISTORY_LIMIT: the present pair cannot tell what was once chosen. */
  readonly history: readonly Acceptance[];
  /** Acceptances with an id at or below this one may be missing from the history; -1 if none is. */
  readonly missingThroughId: ProposalId | typeof NO_PROPOSAL;
}

/** What an acceptor makes durable before it answers. Its state is these, folded. */
export type AcceptorWrite =
  | { readonly kind: "promised"; readonly id: ProposalId }
  | {
      readonly kind: "accepted";
      readonly id: ProposalId;
      readonly instance: Instance;
      readonly value: string;
      /** Made by one message for one instance, as people send them: kept in the history. */
      readonly byHand: boolean;
    }
  /** What is accepted in these instances under this id is chosen. */
  | { readonly kind: "decided"; readonly id: ProposalId; readonly from: Instance; readonly through: Instance }
  | { readonly kind: "truncated"; readonly through: Instance };

/** An acceptor that has promised and accepted nothing. */
export function freshAcceptorState(): AcceptorState {
  return { promisedId: NO_PROPOSAL, truncatedThrough: 0, entries: [] };
}

/** A mutable twin for the one function that changes it. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Folds one write into the state, in place. Used when stepping and when replaying a journal alike, so that the state
 * after a restart is the state before it.
 *
 * @throws {InvariantViolation} if the write breaks a promise: no acceptor may ever write such a thing
 */
export function applyAcceptorWrite(state: AcceptorState, write: AcceptorWrite): void {
  const target = state as Mutable<AcceptorState>;
  switch (write.kind) {
    case "promised":
      invariant(write.id > state.promisedId, "a promise only ever rises (Paxos Made Simple §2.2, phase 1b)");
      target.promisedId = write.id;
      return;
    case "accepted":
      invariant(write.id >= state.promisedId, "nothing is accepted below the promise (Paxos Made Simple §2.2, P1a)");
      invariant(write.instance > state.truncatedThrough, "nothing is accepted in a truncated instance");
      target.promisedId = write.id;
      putAcceptance(state.entries as AcceptorEntry[], write);
      return;
    case "decided":
      markDecided(state.entries as AcceptorEntry[], write);
      return;
    case "truncated":
      invariant(write.through > state.truncatedThrough, "truncation only ever advances");
      target.truncatedThrough = write.through;
      target.entries = state.entries.slice(positionOf(state.entries, write.through + 1));
      return;
  }
}

/** Shared by all entries that have none: histories are never changed, only replaced. */
const NO_HISTORY: readonly Acceptance[] = [];

function putAcceptance(entries: AcceptorEntry[], write: AcceptorWrite & { kind: "accepted" }): void {
  const position = positionOf(entries, write.instance);
  const previous = entries[position]?.instance === write.instance ? entries[position] : undefined;
  invariant(
    previous === undefined || write.id > previous.acceptedId || write.value === previous.acceptedValue,
    "one id carries one value",
  );
  invariant(
    previous?.decided === undefined || write.value === previous.acceptedValue,
    "no other value is accepted where one is chosen (Paxos Made Simple §2.2, P2b)",
  );
  const { instance, id: acceptedId, value: acceptedValue } = write;
  if (previous === undefined && !write.byHand) {
    const entry = { instance, acceptedId, acceptedValue, history: NO_HISTORY, missingThroughId: NO_PROPOSAL } as const;
    if (position === entries.length) entries.push(entry);
    else entries.splice(position, 0, entry);
    return;
  }
  const acceptance: Acceptance = { acceptedId, acceptedValue };
  const entry: AcceptorEntry = {
    instance,
    ...acceptance,
    ...(previous?.decided ? { decided: true } : {}),
    ...extendHistory(previous, acceptance, write.byHand),
  };
  entries.splice(position, previous ? 1 : 0, entry);
}

/**
 * Only what was accepted under the id that was chosen: that an instance is decided proves nothing about a value that was
 * accepted there under another one.
 */
function markDecided(entries: AcceptorEntry[], { id, from, through }: AcceptorWrite & { kind: "decided" }): void {
  for (let position = positionOf(entries, from); position < entries.length; position++) {
    const entry = entries[position];
    if (entry === undefined || entry.instance > through) return;
    if (entry.acceptedId !== id || entry.decided) continue;
    const { instance, acceptedId, acceptedValue, history, missingThroughId } = entry;
    entries[position] = { instance, acceptedId, acceptedValue, history, missingThroughId, decided: true };
  }
}

function extendHistory(
  previous: AcceptorEntry | undefined,
  acceptance: Acceptance,
  byHand: boolean,
): Pick<AcceptorEntry, "history" | "missingThroughId"> {
  let history = previous?.history ?? [];
  let missingThroughId = previous?.missingThroughId ?? NO_PROPOSAL;
  const overwritten = previous?.acceptedId ?? NO_PROPOSAL;
  // An acceptance that was only the present pair is forgotten when the next one takes its place.
  if (overwritten > (history.at(-1)?.acceptedId ?? NO_PROPOSAL)) missingThroughId = overwritten;
  if (byHand) history = [...history, acceptance];
  if (history.length > HISTORY_LIMIT) {
    missingThroughId = Math.max(missingThroughId, history[0]?.acceptedId ?? NO_PROPOSAL);
    history = history.slice(1);
  }
  return { history, missingThroughId };
}

/** The position of this instance in the ordered entries, or where it would go. */
export function positionOf(entries: readonly AcceptorEntry[], instance: Instance): number {
  const first = entries[0];
  if (first === undefined) return 0;
  // Mostly the log has no gaps, and what is new comes after its end.
  const guess = instance - first.instance;
  if (guess >= 0 && guess < entries.length && entries[guess]?.instance === instance) return guess;
  if ((entries[entries.length - 1]?.instance ?? 0) < instance) return entries.length;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.instance ?? 0) < instance) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is known of this instance, if anything was accepted there. */
export function entryAt(state: AcceptorState, instance: Instance): AcceptorEntry | undefined {
  const entry = state.entries[positionOf(state.entries, instance)];
  return entry?.instance === instance ? entry : undefined;
}
