import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { contradictionIn } from "./contradictions.js";
import type { AppendEntries, Appended, Conflict, Index, InstallSnapshot, RaftEntry } from "./messages.js";
import type { RaftParts } from "./parts.js";
import type { RaftSnapshot } from "./raft-state.js";

interface ComingSnapshot extends Omit<RaftSnapshot, "pieces"> {
  readonly pieces: string[];
}

/** What a server does with what the leader of its term sends. */
export class Follower {
  readonly #parts: RaftParts;
  #coming: ComingSnapshot | null = null;
  #contradictions = 0;

  constructor(parts: RaftParts) {
    this.#parts = parts;
  }

  /**
   * Messages that contradict themselves or what is committed here, change more than one voter of what holds here, or bring no snapshot:
   * somebody broke the rules, and they are ignored.
   */
  get contradictions(): number {
    return this.#contradictions;
  }

  /** Of the current term. */
  append(from: NodeId, message: AppendEntries): void {
    if (this.#isImpossible(message)) return;
    const { state, applied } = this.#parts;
    const { log } = state;
    // What is committed here is the leader's, too (leader completeness, §3.6.3): the comparison begins behind it.
    const skipped = Math.min(Math.max(0, log.firstIndex - 1 - message.previousIndex), message.entries.length);
    const previousIndex = message.previousIndex + skipped;
    const previousTerm = skipped > 0 ? (message.entries[skipped - 1]?.term ?? 0) : message.previousTerm;
    const isForgotten = previousIndex < log.firstIndex - 1;
    if (!isForgotten && log.termAt(previousIndex) !== previousTerm) {
      this.#answer(from, message, null, this.#conflictAt(previousIndex));
      return;
    }
    const entries = isForgotten ? [] : message.entries.slice(skipped);
    if (!this.#put(previousIndex + 1, entries)) return;
    const matchIndex = message.previousIndex + message.entries.length;
    // Not beyond what this message shows to be the leader's: what follows here may be somebody else's (§3.5).
    const committed = Math.min(message.commitIndex, matchIndex);
    if (committed > applied.commitIndex) applied.commitThrough(committed);
    this.#answer(from, message, matchIndex, null);
  }

  /** Of the current term. @returns the snapshot, once it is whole and the state took it; it is to be written then */
  install(from: NodeId, message: InstallSnapshot): RaftSnapshot | null {
    if (this.#isImpossible(message)) return null;
    const { applied } = this.#parts;
    const { lastIndex, lastTerm, piece, pieces, text } = message;
    if (lastIndex <= applied.commitIndex) {
      this.answerInstall(from, message, pieces);
      return null;
    }
    if (piece === 0 && this.#coming?.lastIndex !== lastIndex) {
      this.#coming = { lastIndex, lastTerm, configuration: message.configuration, pieces: [] };
    }
    const coming = this.#coming?.lastIndex === lastIndex ? this.#coming : null;
    if (coming && piece === coming.pieces.length) coming.pieces.push(text);
    if (coming === null || coming.pieces.length < pieces) {
      this.answerInstall(from, message, coming?.pieces.length ?? 0);
      return null;
    }
    this.#coming = null;
    return this.#restored(coming) ? coming : null;
  }

  /** Written down, it would stop this server as soon as it leads, and again after each restart. */
  #isImpossible(message: AppendEntries | InstallSnapshot): boolean {
    if (contradictionIn(message) === null) return false;
    this.#contradictions++;
    return true;
  }

  /** Whoever sent this leads no more: the current term shows it. */
  refuseOldTerm(to: NodeId, message: AppendEntries | InstallSnapshot): void {
    if (message.type === "append-entries") this.#answer(to, message, null, null);
    else this.answerInstall(to, message, 0);
  }

  answerInstall(to: NodeId, { lastIndex, sequence }: InstallSnapshot, nextPiece: number): void {
    const { name, state, out } = this.#parts;
    out.send(to, { type: "snapshot-taken", term: state.term, follower: name, lastIndex, nextPiece, sequence });
  }

  #restored(snapshot: RaftSnapshot): boolean {
    try {
      this.#parts.applied.restore(snapshot);
      return true;
    } catch (error) {
      // From outside, and no snapshot: nothing of it was taken.
      this.#contradictions++;
      if (error instanceof Error && error.name === "InvariantViolation") throw error;
      return false;
    }
  }

  /**
   * Puts entries at their place. An entry that is there already stays, and what follows it: only one of another term shows
   * that the rest is not the leader's (§3.5). A late message would otherwise take entries out that were acknowledged since.
   */
  #put(from: Index, entries: readonly RaftEntry[]): boolean {
    const { state, applied } = this.#parts;
    let known = 0;
    while (known < entries.length && state.log.termAt(from + known) === entries[known]?.term) known++;
    if (known === entries.length) return true;
    const first = from + known;
    const fresh = entries.slice(known);
    if (first <= applied.commitIndex || !state.configurations.mayChangeBy(first, fresh)) {
      this.#contradictions++;
      return false;
    }
    this.#parts.write({ kind: "entries", from: first, entries: fresh });
    invariant(state.log.lastIndex === from + entries.length - 1, "the log ends as the leader's message does");
    return true;
  }

  /** A whole term is stepped over at a time, as the leader has it or not (§3.5). */
  #conflictAt(previousIndex: Index): Conflict {
    const { log } = this.#parts.state;
    if (previousIndex > log.lastIndex) return { term: null, index: log.lastIndex + 1 };
    return { term: log.termAt(previousIndex), index: log.firstOfTermAt(previousIndex) };
  }

  #answer(to: NodeId, { previousIndex, sequence }: AppendEntries, matchIndex: Index | null, conflict: Conflict | null) {
    const { name, state, out } = this.#parts;
    const appended: Appended = {
      type: "appended",
      term: state.term,
      follower: name,
      sequence,
      previousIndex,
      matchIndex,
      conflict,
    };
    // Held until everything written so far is durable: the leader counts on it (§3.8).
    out.send(to, appended);
  }
}
