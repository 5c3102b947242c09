import { NotServed } from "@synod/acceptor-server";
import {
  Driver,
  type Input,
  type NodeId,
  type Participant,
  type RingMessage,
  type RingWrite,
  START_TIMER,
} from "@synod/consensus";
import { GroupCommit, type HostStore, Timers } from "@synod/replica-server/hosting";
import type { RingHosts } from "./hosts-file.js";
import { Neighbours } from "./neighbours.js";

/** A participant of a ring: a node, a client, or an election alone. */
type RingParticipant<W extends RingWrite, C, R> = Participant<RingMessage, W, C, R>;

export interface RingHostOptions<W extends RingWrite, C, R> {
  readonly participant: RingParticipant<W, C, R>;
  readonly hosts: RingHosts;
  /** The member's name. */
  readonly own: NodeId;
  readonly secret: string | undefined;
  /** Where its writes go; null for one that keeps nothing. */
  readonly store: HostStore<W> | null;
  /** Hears what is decided. */
  readonly onDecided?: ((command: C) => void) | undefined;
  /** Called after each step. */
  readonly onStep?: (() => void) | undefined;
  /** Hears why nothing is answered any more. */
  readonly onFailure?: ((failure: NotServed) => void) | undefined;
}

/** Who waits for the participant. */
interface Asked<R> {
  readonly resolve: (reply: R) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs one member of a ring: the driver on one side; disk, timers and neighbours on the other. Once it finds a fault in its
 * own state, or its disk fails, it says nothing any more.
 */
export class RingHost<W extends RingWrite, C, R> {
  readonly #driver: Driver<RingMessage, W, C, R>;
  readonly #neighbours: Neighbours;
  readonly #timers = new Timers((timer) => this.#step({ kind: "timeout", timer }));
  readonly #commit: GroupCommit<W> | null;
  readonly #options: RingHostOptions<W, C, R>;
  readonly #asked = new Map<string, Asked<R>>();
  #count = 0;
  #failure: NotServed | null = null;
  #isOver = false;

  constructor(options: RingHostOptions<W, C, R>) {
    this.#options = options;
    const { hosts, own, secret, participant, store } = options;
    this.#neighbours = new Neighbours(hosts, own, secret, (to, message) => this.#lost(to, message));
    this.#driver = new Driver(participant, {
      send: (to, message) => this.#neighbours.send(to, message),
      reply: (requestId, reply) => this.#replied(requestId, reply),
      setTimer: (timer, afterMs) => this.#timers.set(timer, afterMs),
      apply: (_slot, command) => options.onDecided?.(command),
    });
    const onFailure = (failure: NotServed) => this.#fail(failure);
    this.#commit = store ? new GroupCommit(this.#driver, store, { slowDiskMs: () => 0, onFailure }) : null;
  }

  /** Why nothing is answered any more; null while all is well. */
  get failure(): NotServed | null {
    return this.#failure;
  }

  /** From here on it speaks. */
  start(): void {
    this.#step({ kind: "timeout", timer: START_TIMER });
  }

  /** @throws {NotServed} if it answers nothing any more */
  hear(from: NodeId, message: RingMessage): void {
    if (this.#failure) throw this.#failure;
    this.#step({ kind: "message", from, message });
  }

  /**
   * Asks the participant to do something; it bounds the time itself.
   *
   * @throws {NotServed} if it answers nothing any more
   */
  ask(command: C): Promise<R> {
    return new Promise((resolve, reject) => {
      const refusal = this.#failure ?? (this.#isOver ? stopped() : null);
      if (refusal) return reject(refusal);
      const requestId = String(++this.#count);
      this.#asked.set(requestId, { resolve, reject });
      this.#step({ kind: "propose", requestId, command });
    });
  }

  /** Finishes what is under way, then lets go of disk and connections. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#timers.clear();
    this.#rejectAll(stopped());
    await this.#commit?.close();
    await this.#neighbours.close();
  }

  #step(input: Input<RingMessage, C>): void {
    if (this.#failure || this.#isOver) return;
    try {
      this.#driver.step(input);
      if (this.#commit) this.#commit.begin();
      else this.#forget();
      this.#options.onStep?.();
    } catch (error) {
      this.#fail(new NotServed("internal", "the member found a fault in its own state", { cause: error }));
    }
  }

  /** Without a store nothing outlives the process, and nothing is waited for. */
  #forget(): void {
    for (let flush = this.#driver.takeWrites(); flush; flush = this.#driver.takeWrites()) {
      this.#driver.durable(flush.upTo);
    }
  }

  #replied(requestId: string, reply: R): void {
    this.#asked.get(requestId)?.resolve(reply);
    this.#asked.delete(requestId);
  }

  /** A proposer need not wait for an acceptor that cannot be reached. */
  #lost(to: NodeId, message: RingMessage): void {
    if (message.type !== "prepare" && message.type !== "accept") return;
    const { type: request, id, instance } = message;
    this.#step({ kind: "message", from: to, message: { type: "no-response", request, id, instance } });
  }

  #fail(failure: NotServed): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#timers.clear();
    this.#rejectAll(failure);
    this.#options.onFailure?.(failure);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

function stopped(): NotServed {
  return new NotServed("stopping", "this member has stopped");
}
