import { NotServed, RequestRefused } from "@synod/acceptor-server";
import { Driver, type LogMessage, type NodeId, type Participant } from "@synod/consensus";
import { GroupCommit, type HostStore } from "./group-commit.js";
import type { Hear, Peers } from "./peers.js";
import { Timers } from "./timers.js";
import { WaitingRequests } from "./waiting-requests.js";

export interface NodeHostOptions<W, C, R> {
  readonly participant: Participant<LogMessage, W, C, R>;
  /** Connects the participant with others; what they answer is told to `hear`. */
  readonly connect: (hear: Hear) => Peers;
  /** Where its writes go; null for one that writes nothing. */
  readonly store: HostStore<W> | null;
  /** Hears what is decided, in the order of the slots. Must not throw. */
  readonly onDecided?: (slot: number, command: C) => void;
  /** Hears why the role answers nothing any more. */
  readonly onFailure?: (failure: NotServed) => void;
  /** The faults of the process. */
  readonly faults?: HostFaults | null;
  readonly limits?: Partial<HostLimits>;
}

/** The faults that a host itself has a part in. */
interface HostFaults {
  slowDiskMs(): number;
  whilePaused(): Promise<void> | null;
}

export interface HostLimits {
  /** Requests that wait for the participant's answer; beyond that the server says so instead of making all wait. */
  readonly requests: number;
  /** How long one waits at most, in milliseconds, if nobody says otherwise. */
  readonly requestMs: number;
  /** How long a role that stops goes on for those that wait, in milliseconds. */
  readonly lastAnswersMs: number;
}

const LIMITS: HostLimits = { requests: 10_000, requestMs: 10_000, lastAnswersMs: 1000 };

interface Waiting<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: Error) => void;
  /** Ends the waiting; null where the participant itself does. */
  timer: NodeJS.Timeout | null;
}

const OWN_REQUEST = "request-";

/**
 * Runs one participant in a server process: the driver on one side; disk, timers and connections on the other.
 *
 * Once the participant finds a fault in its own state, or its disk fails, it answers nothing any more: memory may be
 * ahead of the disk, or wrong. The process goes on, so that people can look at it.
 */
export class NodeHost<W, C = never, R = never> {
  readonly #driver: Driver<LogMessage, W, C, R>;
  readonly #peers: Peers;
  readonly #timers: Timers;
  readonly #commit: GroupCommit<W> | null;
  readonly #limits: HostLimits;
  readonly #onFailure: (failure: NotServed) => void;
  readonly #requests = new WaitingRequests<Waiting<LogMessage>>();
  readonly #proposals = new WaitingRequests<Waiting<R>>();
  #stopping = false;
  /** Nothing is heard any more: the disk is being let go of. */
  #isOver = false;
  #failure: NotServed | null = null;

  constructor({ participant, connect, store, onDecided, onFailure, faults, limits }: NodeHostOptions<W, C, R>) {
    this.#limits = { ...LIMITS, ...limits };
    this.#onFailure = onFailure ?? (() => {});
    this.#peers = connect((from, message) => this.#step({ kind: "message", from, message }));
    this.#timers = new Timers(
      (timer) => this.#step({ kind: "timeout", timer }),
      () => faults?.whilePaused() ?? null,
    );
    this.#driver = new Driver(participant, {
      send: (to, message) => this.#send(to, message),
      reply: (requestId, reply) => settle(this.#proposals, requestId, reply),
      setTimer: (timer, afterMs) => this.#setTimer(timer, afterMs),
      apply: (slot, command) => onDecided?.(slot, command),
    });
    const slowDiskMs = () => faults?.slowDiskMs() ?? 0;
    const fail = (failure: NotServed) => this.#fail(failure);
    this.#commit = store ? new GroupCommit(this.#driver, store, { slowDiskMs, onFailure: fail }) : null;
  }

  /** Why nothing is answered any more; null while all is well. */
  get failure(): NotServed | null {
    return this.#failure;
  }

  /** Requests that wait for an answer. */
  get underWay(): number {
    return this.#requests.size + this.#proposals.size;
  }

  /** Lets the role answer nothing any more: something that it counts on has failed. */
  fail(failure: NotServed): void {
    this.#fail(failure);
  }

  /** Lets a timer go off now, in place of when it would. */
  goOff(timer: string): void {
    this.#timers.set(timer, null);
    this.#step({ kind: "timeout", timer });
  }

  /** Tells the participant something to which there is no answer. */
  tell(from: NodeId, message: LogMessage): void {
    this.#step({ kind: "message", from, message });
  }

  /**
   * Gives the participant a message of somebody who waits for the answer.
   *
   * @param withinMs how long to wait at most
   * @throws {NotServed} if there is no answer, and the message was certainly not heard; after `storage-failed` and
   *   `internal` that is not certain
   * @throws {RequestRefused} `outcome-unknown` if none came in time
   */
  request(message: LogMessage, withinMs = this.#limits.requestMs): Promise<LogMessage> {
    return new Promise((resolve, reject) => {
      const from = this.#enter(this.#requests, { resolve, reject, timer: null }, withinMs);
      if (from !== null) this.#step({ kind: "message", from, message });
    });
  }

  /**
   * Asks the participant to do something; it bounds the time itself.
   *
   * @throws {NotServed | RequestRefused} as `request`
   */
  propose(command: C): Promise<R> {
    return new Promise((resolve, reject) => this.#propose(command, { resolve, reject, timer: null }));
  }

  /**
   * Asks for all of these, each by itself, in this order: one promise for many, since each costs more than what it is for.
   *
   * @returns of each what came of it, or with what `propose` would have failed; it never rejects
   */
  proposeAll(commands: readonly C[]): Promise<readonly (R | Error)[]> {
    return new Promise((resolve) => {
      const outcomes = new Array<R | Error>(commands.length);
      let open = commands.length;
      if (open === 0) resolve(outcomes);
      for (const [place, command] of commands.entries()) {
        const end = (outcome: R | Error) => {
          outcomes[place] = outcome;
          open--;
          if (open === 0) resolve(outcomes);
        };
        this.#propose(command, { resolve: end, reject: end, timer: null });
      }
    });
  }

  /** Takes no more, finishes what is under way as far as that is soon, then lets go of disk and connections. */
  async close(): Promise<void> {
    this.#stopping = true;
    const until = performance.now() + this.#limits.lastAnswersMs;
    while (this.underWay > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#rejectAll(
      new RequestRefused("outcome-unknown", "the server stopped before it had an answer; ask another one"),
    );
    this.#isOver = true;
    this.#timers.clear();
    await this.#commit?.close();
    await this.#peers.close();
  }

  #propose(command: C, one: Waiting<R>): void {
    const requestId = this.#enter(this.#proposals, one, null);
    if (requestId !== null) this.#step({ kind: "propose", requestId, command });
  }

  /** @returns under what name it waits; null if it was refused, and that is said */
  #enter<T>(waiting: WaitingRequests<Waiting<T>>, one: Waiting<T>, withinMs: number | null): string | null {
    const refusal = this.#refusal();
    if (refusal) {
      one.reject(refusal);
      return null;
    }
    const number = waiting.add(one);
    if (withinMs !== null) one.timer = setTimeout(() => giveUp(waiting, number), withinMs).unref();
    return OWN_REQUEST + number;
  }

  #refusal(): NotServed | null {
    if (this.#failure) return this.#failure;
    if (this.#stopping) return new NotServed("stopping", "the server is stopping; ask another one");
    const { requests } = this.#limits;
    if (this.underWay < requests) return null;
    return new NotServed("overloaded", `${requests} requests are under way; try again in a second`);
  }

  #step(input: Parameters<Driver<LogMessage, W, C, R>["step"]>[0]): void {
    if (this.#failure || this.#isOver) return;
    try {
      this.#driver.step(input);
    } catch (error) {
      this.#fail(new NotServed("internal", "the role found a fault in its own state", { cause: error }));
      return;
    }
    this.#commit?.begin();
  }

  #send(to: NodeId, message: LogMessage): void {
    if (this.#failure) return;
    if (to.startsWith(OWN_REQUEST)) settle(this.#requests, to, message);
    else this.#peers.send(to, message);
  }

  #setTimer(timer: string, afterMs: number | null): void {
    if (!this.#failure) this.#timers.set(timer, afterMs);
  }

  #fail(failure: NotServed): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#timers.clear();
    this.#onFailure(failure);
    this.#rejectAll(failure);
  }

  #rejectAll(error: Error): void {
    for (const { reject, timer } of [...this.#requests.takeAll(), ...this.#proposals.takeAll()]) {
      if (timer) clearTimeout(timer);
      reject(error);
    }
  }
}

function settle<T>(waiting: WaitingRequests<Waiting<T>>, requestId: string, answer: T): void {
  const one = waiting.take(Number(requestId.slice(OWN_REQUEST.length)));
  if (one === undefined) return;
  if (one.timer) clearTimeout(one.timer);
  one.resolve(answer);
}

function giveUp<T>(waiting: WaitingRequests<Waiting<T>>, number: number): void {
  const one = waiting.take(number);
  one?.reject(new RequestRefused("outcome-unknown", "it took longer than anybody waits here; it may still happen"));
}
