import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { membersOf, reachedByMajority } from "./configuration.js";
import type { Appended, Index, SnapshotTaken } from "./messages.js";
import type { RaftParts } from "./parts.js";
import { Progress } from "./progress.js";

/** A leader's copies: what each follower has, what is sent to it next, and what a majority has (§3.5, §3.6). */
export class Replication {
  readonly #parts: RaftParts;
  readonly #progress = new Map<NodeId, Progress>();
  /** Everything up to here is durable in the own log. */
  #ownMatch: Index = 0;
  /** Marks of own writes that are not durable yet, and the last entry of the log at each. */
  #marks: { readonly mark: number; readonly index: Index }[] = [];
  #sequence = 0;

  constructor(parts: RaftParts) {
    this.#parts = parts;
    this.followMembers();
  }

  /** The number that messages carry now. */
  get sequence(): number {
    return this.#sequence;
  }

  get followers(): number {
    return this.#progress.size;
  }

  /** What a member's log has in common with the leader's, durably. */
  matchOf(server: NodeId): Index {
    return server === this.#parts.name ? this.#ownMatch : (this.#progress.get(server)?.matchIndex ?? 0);
  }

  /** For a look from outside. */
  get state(): Readonly<Record<NodeId, { matchIndex: Index; nextIndex: Index; mode: Progress["mode"] }>> {
    return Object.fromEntries(
      [...this.#progress].map(([node, { matchIndex, nextIndex, mode }]) => [node, { matchIndex, nextIndex, mode }]),
    );
  }

  /** Messages from now on carry a number of their own. */
  nextSequence(): number {
    this.#sequence++;
    return this.#sequence;
  }

  /** The members are others than before: those that are new are sent to, those that are gone no more. */
  followMembers(): void {
    const { name, state } = this.#parts;
    const members = membersOf(state.configurations.latest).filter((member) => member !== name);
    for (const gone of [...this.#progress.keys()].filter((one) => !members.includes(one))) this.#progress.delete(gone);
    for (const member of members) {
      if (!this.#progress.has(member)) this.#progress.set(member, new Progress(state.log.lastIndex + 1));
    }
  }

  /** Entries were put into the own log: they count here when they are durable (§10.2.1). */
  wrote(): void {
    this.#marks.push({ mark: this.#parts.mark(), index: this.#parts.state.log.lastIndex });
  }

  durable(mark: number): void {
    for (let next = this.#marks[0]; next && next.mark <= mark; next = this.#marks[0]) {
      this.#ownMatch = next.index;
      this.#marks.shift();
    }
  }

  /**
   * The highest entry that may be committed now: a majority has it durably, and it is of the current term. One of an earlier
   * term that a majority has may still be replaced (§3.6.2, figure 3.7); it is committed with one of this term behind it.
   */
  committable(): Index | null {
    const { configurations, log, term } = this.#parts.state;
    const index = reachedByMajority(configurations.latest, (voter) => this.matchOf(voter));
    return log.termAt(index) === term ? index : null;
  }

  /** @returns the follower's name, if it is one and answered in this term */
  appended(from: NodeId, { term, follower, matchIndex, previousIndex, conflict, sequence }: Appended): boolean {
    const { state } = this.#parts;
    const progress = this.#progress.get(from);
    if (progress === undefined || follower !== from || term !== state.term) return false;
    if (matchIndex !== null && matchIndex > state.log.lastIndex) return false;
    progress.heardSequence = Math.max(progress.heardSequence, sequence);
    if (matchIndex !== null) progress.matched(matchIndex);
    else if (conflict) this.#stepBack(progress, previousIndex, conflict);
    return true;
  }

  snapshotTaken(from: NodeId, { term, follower, lastIndex, nextPiece, sequence }: SnapshotTaken): boolean {
    const progress = this.#progress.get(from);
    if (progress === undefined || follower !== from || term !== this.#parts.state.term) return false;
    progress.heardSequence = Math.max(progress.heardSequence, sequence);
    if (progress.mode !== "snapshot" || progress.snapshotIndex !== lastIndex) return true;
    const pieces = this.#parts.state.snapshot?.pieces.length ?? 0;
    if (this.#parts.state.snapshot?.lastIndex === lastIndex && nextPiece >= pieces) {
      progress.matched(lastIndex);
      return true;
    }
    // A piece that was sent again is answered twice. Were both answered by the next one, all that follow would travel twice,
    // and more with each that is sent again: what brings nothing new waits for the tick.
    if (nextPiece > progress.nextPiece) progress.isWaiting = false;
    progress.nextPiece = nextPiece;
    return true;
  }

  /** Whatever was lost is sent again, and everybody hears that the leader lives. */
  tick(): void {
    for (const progress of this.#progress.values()) progress.isWaiting = false;
    this.send(true);
  }

  /** Sends what there is to send. @param toAll a message to everybody, also where there is nothing new */
  send(toAll = false): void {
    for (const [follower, progress] of this.#progress) this.#sendTo(follower, progress, toAll);
  }

  #sendTo(follower: NodeId, progress: Progress, anyway: boolean): void {
    const { applied, state, settings } = this.#parts;
    const { log, snapshot } = state;
    if (progress.mode !== "snapshot" && log.termAt(progress.nextIndex - 1) === null) {
      invariant(snapshot !== null, "what the log has forgotten is in a snapshot");
      progress.beginSnapshot(snapshot.lastIndex);
    }
    if (progress.mode === "snapshot") {
      this.#sendPiece(follower, progress);
      return;
    }
    if (progress.mode === "probing") {
      if (!progress.isWaiting) this.#sendBatch(follower, progress);
      else if (anyway) this.#sendEntries(follower, progress, 0);
      progress.isWaiting = true;
      return;
    }
    let isTold = false;
    while (progress.nextIndex <= log.lastIndex && progress.batchesInFlight < settings.limits.batchesInFlight) {
      this.#sendBatch(follower, progress);
      isTold = true;
    }
    const hasNews = progress.toldCommitIndex < applied.commitIndex;
    if (!isTold && (anyway || hasNews)) this.#sendEntries(follower, progress, 0);
  }

  #sendBatch(follower: NodeId, progress: Progress): void {
    const count = this.#sendEntries(follower, progress, this.#parts.settings.limits.batchEntries);
    if (count > 0 && progress.mode === "streaming") progress.sent(progress.nextIndex + count - 1);
  }

  /** Leaves before the leader's own write: both take their time together (§10.2.1). @returns how many entries it has */
  #sendEntries(follower: NodeId, progress: Progress, most: number): number {
    const { name, state, settings, applied, out } = this.#parts;
    const { log, term } = state;
    const previousIndex = progress.nextIndex - 1;
    const previousTerm = log.termAt(previousIndex);
    invariant(previousTerm !== null, "entries are sent behind one that is known");
    const entries = most === 0 ? [] : log.slice(progress.nextIndex, most, settings.limits.batchCharacters);
    const { commitIndex } = applied;
    progress.toldCommitIndex = commitIndex;
    out.sendBeforeWrites(follower, {
      type: "append-entries",
      term,
      leader: name,
      previousIndex,
      previousTerm,
      entries,
      commitIndex,
      sequence: this.#sequence,
    });
    return entries.length;
  }

  #sendPiece(follower: NodeId, progress: Progress): void {
    const { name, state, out } = this.#parts;
    const { snapshot, term } = state;
    if (progress.isWaiting || snapshot === null) return;
    // A later snapshot has taken its place meanwhile.
    if (snapshot.lastIndex !== progress.snapshotIndex) progress.beginSnapshot(snapshot.lastIndex);
    const { lastIndex, lastTerm, configuration, pieces } = snapshot;
    const piece = Math.min(progress.nextPiece, pieces.length - 1);
    const text = pieces[piece] ?? "";
    progress.isWaiting = true;
    const which = { lastIndex, lastTerm, configuration, piece, pieces: pieces.length, text };
    out.sendBeforeWrites(follower, {
      type: "install-snapshot",
      term,
      leader: name,
      ...which,
      sequence: this.#sequence,
    });
  }

  /** The follower's log ends before, or has other entries there: the comparison goes on where they may agree (§3.5). */
  #stepBack(progress: Progress, previousIndex: Index, conflict: NonNullable<Appended["conflict"]>): void {
    // A late answer: to a message before what it has acknowledged since, or to another probe.
    if (previousIndex <= progress.matchIndex) return;
    if (progress.mode === "probing" && previousIndex !== progress.nextIndex - 1) return;
    if (progress.mode === "snapshot") return;
    const { log } = this.#parts.state;
    let next = conflict.index;
    if (conflict.term !== null) {
      const last = log.lastThroughTerm(conflict.term);
      if (log.termAt(last) === conflict.term) next = last + 1;
    }
    progress.stepBack(Math.min(next, previousIndex));
  }
}
