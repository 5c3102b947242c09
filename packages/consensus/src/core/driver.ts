import { invariant } from "./invariant.js";
import { type Input, NOTHING_AT_ALL, type NodeId, type Participant, type Ready } from "./participant.js";

/** What the driver needs of the world. None of these may throw. */
export interface Host<M, C = never, R = never> {
  send(to: NodeId, message: M): void;
  reply(requestId: string, reply: R): void;
  /** Sets the timer of this name, in place of one that is running; null takes it back. */
  setTimer(timer: string, afterMs: number | null): void;
  apply(slot: number, command: C): void;
}

/** Writes to be made durable together, with one fdatasync. */
export interface Flush<W> {
  readonly writes: readonly W[];
  /** What to report to `durable` when all of them are on disk: the count of all writes so far. */
  readonly upTo: number;
}

interface HeldOutputs<M, C, R> {
  /** Leaves once this many writes are durable. */
  readonly after: number;
  readonly ready: Ready<M, unknown, C, R>;
}

/**
 * The one place that orders write, send, reply and apply, for every participant and every host.
 *
 * It steps eagerly and holds outputs back: an output leaves only when **every** write stepped before it is durable,
 * reads and refusals too, since they tell of state that a crash could still undo (an `ignored` that names promise 9
 * must not leave before promise 9 is on disk). So inputs that arrive during one fdatasync share the next (group
 * commit), and a host has at most one flush under way.
 *
 * Synchronous and free of promises: the host takes the writes with `takeWrites` and reports `durable`.
 */
export class Driver<M, W, C = never, R = never> {
  readonly #participant: Participant<M, W, C, R>;
  readonly #host: Host<M, C, R>;
  #waitingWrites: W[] = [];
  #held: HeldOutputs<M, C, R>[] = [];
  #steppedCount = 0;
  #takenCount = 0;
  #durableCount = 0;
  #lastAppliedSlot = Number.NEGATIVE_INFINITY;
  #releasing = false;

  constructor(participant: Participant<M, W, C, R>, host: Host<M, C, R>) {
    this.#participant = participant;
    this.#host = host;
  }

  /** Gives the participant one input; what needs no disk leaves at once. */
  step(input: Input<M, C>): void {
    const ready = this.#participant.step(input);
    if (ready === NOTHING_AT_ALL) return;
    for (const write of ready.writes) this.#waitingWrites.push(write);
    this.#steppedCount += ready.writes.length;
    // Held before anything leaves: a host that steps again from inside `send` comes after this step.
    this.#held.push({ after: this.#steppedCount, ready });
    for (const { timer, afterMs } of ready.timers) this.#host.setTimer(timer, afterMs);
    for (const { to, message, beforeWrites } of ready.messages) if (beforeWrites) this.#host.send(to, message);
    this.#release();
  }

  /** Whether a flush could begin now: there are writes, and none is under way. */
  get hasWritesToTake(): boolean {
    return this.#waitingWrites.length > 0 && this.#takenCount === this.#durableCount;
  }

  /** What waits for the disk, oldest first: for a checker that compares states, since outputs held back are part of one. */
  get waiting(): { readonly writes: readonly W[]; readonly outputs: readonly Ready<M, unknown, C, R>[] } {
    return { writes: this.#waitingWrites, outputs: this.#held.map(({ ready }) => ready) };
  }

  /** Takes every write that waits, for one flush; null if there is none or a flush is still under way. */
  takeWrites(): Flush<W> | null {
    if (!this.hasWritesToTake) return null;
    const writes = this.#waitingWrites;
    this.#waitingWrites = [];
    this.#takenCount += writes.length;
    invariant(this.#takenCount === this.#steppedCount, "a flush takes every write stepped so far");
    return { writes, upTo: this.#takenCount };
  }

  /** The host's word that the flush with this `upTo` is on disk: what waited for it leaves. */
  durable(upTo: number): void {
    invariant(upTo === this.#takenCount && upTo > this.#durableCount, "durable is reported once, for the flush taken");
    this.#durableCount = upTo;
    this.#release();
  }

  #release(): void {
    // A host may step again from inside `send` or `apply`: the loop below then picks that up, in order.
    if (this.#releasing) return;
    this.#releasing = true;
    try {
      let released = 0;
      for (let next = this.#held[0]; next && next.after <= this.#durableCount; next = this.#held[released]) {
        released++;
        this.#emit(next.ready);
      }
      if (released > 0) this.#held = this.#held.slice(released);
    } finally {
      this.#releasing = false;
    }
  }

  #emit(ready: Ready<M, unknown, C, R>): void {
    for (const { to, message, beforeWrites } of ready.messages) if (!beforeWrites) this.#host.send(to, message);
    for (const { requestId, reply } of ready.replies) this.#host.reply(requestId, reply);
    for (const { slot, command } of ready.decided) {
      invariant(slot > this.#lastAppliedSlot, "decided commands are applied in slot order, each once");
      this.#lastAppliedSlot = slot;
      this.#host.apply(slot, command);
    }
    // Stepped within the release that is under way: what comes of it is held behind all that was stepped before.
    if (ready.mark !== undefined) this.step({ kind: "durable", mark: ready.mark });
  }
}
