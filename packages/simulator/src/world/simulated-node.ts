import {
  type Chance,
  Driver,
  type Flush,
  type Host,
  type Input,
  invariant,
  type NodeId,
  type Participant,
} from "@synod/consensus";
import type { Kinds, NodePlan } from "./system.js";

/**
 * What a participant lets go of, nobody changes any more, itself included: a message is the same for all who hear it, and
 * a disk holds what was written, not what became of it in memory. Whoever tries stops with a TypeError.
 */
function handsOff<M, W, C, R>(participant: Participant<M, W, C, R>): Participant<M, W, C, R> {
  return {
    step: (input) => {
      const ready = participant.step(input);
      for (const write of ready.writes) freeze(write);
      for (const { message } of ready.messages) freeze(message);
      return ready;
    },
    get state() {
      return participant.state;
    },
  };
}

function freeze(value: unknown): void {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) return;
  Object.freeze(value);
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name in fields) {
    const held = fields[name];
    if (typeof held === "object") freeze(held);
  }
}

/** What a node's outputs go to. */
export type NodeHost<K extends Kinds> = Omit<Host<K["message"], K["command"], K["reply"]>, "setTimer">;

/**
 * One node: its participant under the same driver as in a server, its disk, and what of it a crash takes away.
 *
 * A disk is a list of writes. A flush takes every write that waits and is all on the disk, or, if the node crashes
 * before it is synced, all or nothing of it: the journal keeps the writes of one flush as one record.
 */
export class SimulatedNode<K extends Kinds> {
  readonly name: NodeId;
  readonly #plan: NodePlan<K>;
  readonly #host: Host<K["message"], K["command"], K["reply"]>;
  readonly #disk: K["write"][];
  #driver: Driver<K["message"], K["write"], K["command"], K["reply"]> | null = null;
  #participantState: () => unknown = () => null;
  #flush: Flush<K["write"]> | null = null;
  /** The timers that are set: their delays in milliseconds, and which setting it was. */
  readonly timers = new Map<string, { readonly afterMs: number; readonly setting: number }>();
  #settings = 0;
  /** How often it has started. */
  lives = 0;

  /** @param disk what earlier lives left */
  constructor(
    plan: NodePlan<K>,
    host: NodeHost<K> & { timerSet?(timer: string): void },
    disk: readonly K["write"][] = [],
  ) {
    this.name = plan.name;
    this.#disk = [...disk];
    this.#plan = plan;
    this.#host = {
      send: (to, message) => host.send(to, message),
      reply: (requestId, reply) => host.reply(requestId, reply),
      apply: (slot, command) => host.apply(slot, command),
      setTimer: (timer, afterMs) => {
        if (afterMs === null) this.timers.delete(timer);
        else {
          invariant(
            Number.isFinite(afterMs) && afterMs >= 0,
            `a timer is set for a number of milliseconds, not ${afterMs}`,
          );
          this.timers.set(timer, { afterMs, setting: ++this.#settings });
          host.timerSet?.(timer);
        }
      },
    };
  }

  get isUp(): boolean {
    return this.#driver !== null;
  }

  /** What is durable, oldest first. */
  get disk(): readonly K["write"][] {
    return this.#disk;
  }

  get isFlushing(): boolean {
    return this.#flush !== null;
  }

  get hasWritesToTake(): boolean {
    return this.#driver?.hasWritesToTake ?? false;
  }

  /** The participant's state, for a look from outside; null while it is down. */
  get participantState(): unknown {
    return this.#driver ? this.#participantState() : null;
  }

  /** What the driver holds back, for a look from outside. */
  get waiting(): Driver<K["message"], K["write"], K["command"], K["reply"]>["waiting"] | null {
    return this.#driver?.waiting ?? null;
  }

  /** Starts it with what its disk holds. */
  start(chance: Chance): void {
    this.lives++;
    const participant = handsOff(this.#plan.start([...this.#disk], chance));
    this.#participantState = () => participant.state;
    this.#driver = new Driver<K["message"], K["write"], K["command"], K["reply"]>(participant, this.#host);
    if (this.#plan.firstInput) this.#driver.step(this.#plan.firstInput);
  }

  /** Gives it an input; nothing happens while it is down. */
  step(input: Input<K["message"], K["command"]>): void {
    if (input.kind === "timeout") this.timers.delete(input.timer);
    this.#driver?.step(input);
  }

  /** Begins a flush. @returns false if there is nothing to flush, or one is under way */
  beginFlush(): boolean {
    if (this.#flush !== null) return false;
    this.#flush = this.#driver?.takeWrites() ?? null;
    return this.#flush !== null;
  }

  /**
   * Ends the flush under way: its writes are on disk, and what waited for them leaves.
   *
   * @param stored hears of the writes before anything leaves
   */
  endFlush(stored: (writes: readonly K["write"][]) => void): void {
    if (this.#flush === null) return;
    const { writes, upTo } = this.#flush;
    this.#flush = null;
    this.#disk.push(...writes);
    stored(writes);
    this.#driver?.durable(upTo);
  }

  /** Memory, timers and unsynced writes are gone. @returns the writes of a flush under way that the disk kept */
  crash(keepsTail: boolean): readonly K["write"][] {
    const kept = keepsTail ? (this.#flush?.writes ?? []) : [];
    this.#disk.push(...kept);
    this.#flush = null;
    this.#driver = null;
    this.timers.clear();
    return kept;
  }
}
