import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { LearnerAnswers } from "../log/learner-answers.js";
import type { Query } from "../log/messages.js";
import { SnapshotPace } from "../log/snapshot-pace.js";
import type { Index } from "./messages.js";
import type { RaftSettings } from "./options.js";
import type { RaftOut } from "./parts.js";
import type { RaftSnapshot, RaftState, RaftWrite } from "./raft-state.js";

/** What came of one entry. */
export interface AppliedEntry {
  readonly index: Index;
  readonly result: string;
}

/** The replicated state of one server: committed entries are applied to it, in order, each once (§3.5). */
export class AppliedState {
  readonly #settings: RaftSettings;
  readonly #state: RaftState;
  readonly #out: RaftOut;
  readonly #answers: LearnerAnswers;
  /** Volatile: after a restart everything behind the snapshot is learned to be committed anew (§3.8). */
  #commitIndex: Index;
  #appliedIndex: Index;
  readonly #pace: SnapshotPace;

  /** @throws {Error} if the application cannot read its own last snapshot */
  constructor(settings: RaftSettings, state: RaftState, out: RaftOut) {
    this.#settings = settings;
    this.#state = state;
    this.#out = out;
    this.#answers = new LearnerAnswers(settings, settings.limits, out);
    this.#pace = new SnapshotPace(settings.limits, state.snapshot?.pieces ?? []);
    if (state.snapshot) settings.application.restore(state.snapshot.pieces, state.snapshot.lastIndex);
    this.#appliedIndex = state.snapshot?.lastIndex ?? 0;
    this.#commitIndex = this.#appliedIndex;
  }

  /** The highest entry that is known to be committed. Only ever rises. */
  get commitIndex(): Index {
    return this.#commitIndex;
  }

  get appliedIndex(): Index {
    return this.#appliedIndex;
  }

  get queriesWaiting(): number {
    return this.#answers.waiting;
  }

  /** Everything up to here is committed: applies it. @returns what came of each entry that was not applied before */
  commitThrough(index: Index): readonly AppliedEntry[] {
    const { log } = this.#state;
    invariant(index <= log.lastIndex, "what is committed here is in the log");
    const fresh: AppliedEntry[] = [];
    this.#commitIndex = Math.max(this.#commitIndex, index);
    while (this.#appliedIndex < this.#commitIndex) {
      const next = this.#appliedIndex + 1;
      const entry = log.entryAt(next);
      invariant(entry !== null, "an entry is kept until it is applied");
      fresh.push({ index: next, result: this.#settings.application.apply(next, entry.value) });
      this.#appliedIndex = next;
      this.#pace.applied(entry.value);
      this.#out.decide(next, entry.value);
    }
    if (fresh.length > 0) this.#answers.applied(this.#appliedIndex);
    return fresh;
  }

  /** A snapshot that is due now: all that is applied, in place of the log up to there (§5.1); else null. */
  dueSnapshot(): (RaftWrite & { kind: "snapshot" }) | null {
    if (!this.#pace.isDue) return null;
    const lastIndex = this.#appliedIndex;
    const configuration = this.#state.configurations.at(lastIndex);
    // A server that is being added does not know the members yet, and a snapshot without them would be a lie.
    if (configuration.voters.length === 0) return null;
    const lastTerm = this.#state.log.termAt(lastIndex);
    invariant(lastTerm !== null, "the term of the last applied entry is known");
    const pieces = this.#settings.application.snapshot();
    this.#pace.begins(pieces);
    return { kind: "snapshot", snapshot: { lastIndex, lastTerm, configuration, pieces } };
  }

  /** Takes the state of a leader's snapshot in place of its own. @throws {Error} if it is none; nothing is changed then */
  restore({ lastIndex, pieces }: RaftSnapshot): void {
    invariant(lastIndex > this.#commitIndex, "a snapshot replaces a state that is older");
    this.#settings.application.restore(pieces, lastIndex);
    this.#appliedIndex = lastIndex;
    this.#commitIndex = lastIndex;
    this.#pace.begins(pieces);
  }

  /** Questions that waited for what a snapshot brought are answered. To be called once the snapshot is written. */
  restored(): void {
    this.#answers.applied(this.#appliedIndex);
  }

  ask(from: NodeId, query: Query): void {
    this.#answers.ask(from, query, this.#appliedIndex);
  }

  /** A timer went off that may be a question's. */
  timeout(timer: string): void {
    this.#answers.timeout(timer, this.#appliedIndex);
  }
}
