import type { Outbox } from "../core/outbox.js";
import type { NodeId } from "../core/participant.js";
import type { LogMessage } from "../log/log-message.js";
import type { Slot } from "../log/messages.js";
import { PAGE_LIMIT } from "../paxos/log-page.js";
import type { LogReply } from "../paxos/messages.js";
import { AcceptedPages } from "./accepted-pages.js";
import type { LearnerLimits, LearnerWrite, LogLearnerOptions } from "./learner-options.js";
import type { Decision, SnapshotPiece, SyncReply } from "./messages.js";
import { SnapshotFetch } from "./snapshot-fetch.js";

/** Every source was asked so often without success: then a slot counts as missing. */
const ROUNDS_UNTIL_MISSING = 2;
/** After so many repeats a peer's snapshot is no longer waited for. */
const MOST_FETCH_REPEATS = 5;

/** A whole snapshot that came from a peer. */
export type FetchedSnapshot = Pick<LearnerWrite, "through" | "pieces">;

/**
 * Where a learner finds what the leader does not tell it: with its peers, with the acceptors, and, where the log is
 * truncated, in a peer's snapshot. One source is asked at a time.
 */
export class CatchUp {
  readonly #acceptors: readonly NodeId[];
  readonly #peers: readonly NodeId[];
  readonly #limits: LearnerLimits;
  readonly #out: Outbox<LogMessage, LearnerWrite, string>;
  /** Questions since something was last applied. */
  #questions = 0;
  #pages: AcceptedPages | null = null;
  #fetch: SnapshotFetch | null = null;
  /** How often the same piece was asked for again. */
  #fetchRepeats = 0;

  constructor(
    { acceptors, peers }: LogLearnerOptions,
    limits: LearnerLimits,
    out: Outbox<LogMessage, LearnerWrite, string>,
  ) {
    this.#acceptors = acceptors;
    this.#peers = peers;
    this.#limits = limits;
    this.#out = out;
  }

  /** Whether every source was asked, and asked again, without success. */
  get isInVain(): boolean {
    return this.#questions >= ROUNDS_UNTIL_MISSING * (this.#peers.length + 1);
  }

  /** Something was applied: whoever had it may have more. */
  succeeded(): void {
    this.#questions = 0;
  }

  /** Asks every source once: where nobody leads, nobody would tell that something is missing. */
  askAll(appliedThrough: Slot | 0): void {
    for (const peer of this.#peers) this.askPeer(peer, appliedThrough);
    this.askAcceptors(appliedThrough);
  }

  /** Asks the next source for what comes after this slot; while a snapshot is coming, only that one's peer. */
  ask(appliedThrough: Slot | 0): void {
    if (this.#fetch && this.#fetchRepeats++ < MOST_FETCH_REPEATS) {
      this.#out.send(this.#fetch.peer, this.#fetch.question);
      return;
    }
    this.#fetch = null;
    const peer = this.#peers[this.#questions++ % (this.#peers.length + 1)];
    if (peer === undefined) this.askAcceptors(appliedThrough);
    else this.askPeer(peer, appliedThrough);
  }

  askPeer(peer: NodeId, appliedThrough: Slot | 0): void {
    this.#out.send(peer, { type: "sync", from: appliedThrough + 1, limit: this.#limits.syncEntries });
  }

  askAcceptors(appliedThrough: Slot | 0): void {
    const from = appliedThrough + 1;
    this.#pages = new AcceptedPages(from, this.#acceptors.length);
    for (const node of this.#acceptors) this.#out.send(node, { type: "read-log", from, limit: PAGE_LIMIT });
  }

  /** A peer answered. @returns whether it has a snapshot instead, which is fetched now */
  fetches(peer: NodeId, { snapshot }: SyncReply, appliedThrough: Slot | 0): boolean {
    if (snapshot === null || snapshot.through <= appliedThrough) return false;
    if (this.#fetch === null) {
      this.#fetch = new SnapshotFetch(peer, snapshot.through, snapshot.pieces);
      this.#fetchRepeats = 0;
      this.#out.send(peer, this.#fetch.question);
    }
    return true;
  }

  /** Takes a piece, and asks for the next one. @returns the snapshot, once it is whole */
  take(from: NodeId, message: SnapshotPiece): FetchedSnapshot | null {
    const coming = this.#fetch;
    const what = coming?.take(from, message) ?? "stray";
    if (coming === null || what === "stray") return null;
    this.#questions = 0;
    this.#fetchRepeats = 0;
    if (what === "taken" && coming.whole === null) {
      this.#out.send(coming.peer, coming.question);
      return null;
    }
    this.#fetch = null;
    return coming.whole && { through: coming.through, pieces: coming.whole };
  }

  /** An acceptor answered. @returns the decisions that can be told from all pages so far, from the slot that comes next */
  readPage(acceptor: NodeId, reply: LogReply, appliedThrough: Slot | 0): readonly Decision[] {
    const pages = this.#pages;
    if (pages === null || reply.from !== pages.from || !this.#acceptors.includes(acceptor)) return [];
    pages.add(acceptor, reply);
    const decisions: Decision[] = [];
    for (let slot = appliedThrough + 1; ; slot++) {
      const value = pages.chosenIn(slot);
      if (value === null) return decisions;
      decisions.push({ slot, value });
    }
  }
}
