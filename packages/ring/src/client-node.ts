import type { Address } from "@synod/api";
import {
  RING_TIMING,
  RingClient,
  type RingClientCommand,
  type RingClientReply,
  type RingFailure,
} from "@synod/consensus";
import { hostOf } from "./hosts-file.js";
import { chanceOf, closeApp, listenAt, type MemberOptions, timerMs } from "./member.js";
import { buildRingApp } from "./ring-app.js";
import { RingHost } from "./ring-host.js";
import { tell } from "./tell.js";

/** What a learner told: the one value that is chosen. */
export interface Decision {
  readonly value: string;
  /** The UID of the learner. */
  readonly learner: number;
}

/** No value was heard in time; the message says what was missing. */
export class NotSet extends Error {
  override readonly name = "NotSet";
  constructor(
    /** Why; after `unknown` the value may be chosen, or may still be. */
    readonly why: RingFailure,
    readonly missing: readonly string[],
  ) {
    super(`no value was heard (${why}): ${missing.join("; ")}`);
  }
}

export interface SetOptions {
  /** Which proposer to ask first: its place among the proposers, modulo their number. Default 0. */
  readonly proposer?: number;
  /** How long to wait, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** How long a client that ends tries to tell all nodes so. */
const LEAVE_MS = 1000;

/** A client of a ring: it has a value proposed, and hears from the learners which one is chosen. */
export class ClientNode {
  /** Where it listens. */
  readonly address: Address;
  readonly #client: RingClient;
  readonly #host: RingHost<never, RingClientCommand | string, RingClientReply>;
  readonly #close: () => Promise<void>;
  readonly #listeners: Set<(decision: Decision) => void>;
  #closing: Promise<void> | null = null;

  private constructor(
    address: Address,
    client: RingClient,
    host: RingHost<never, RingClientCommand | string, RingClientReply>,
    listeners: Set<(decision: Decision) => void>,
    close: () => Promise<void>,
  ) {
    this.address = address;
    this.#client = client;
    this.#host = host;
    this.#listeners = listeners;
    this.#close = close;
  }

  /**
   * Starts a client: it listens for START and for what learners tell.
   *
   * @throws {CannotStart} if it cannot listen there
   * @throws {RangeError} if the UID is not a client's
   */
  static async start(options: MemberOptions): Promise<ClientNode> {
    const { hosts, uid, secret, logger } = options;
    const line = hostOf(hosts, uid, "client");
    const listeners = new Set<(decision: Decision) => void>();
    const timing = { ...RING_TIMING, ...options.timing };
    const client = new RingClient({ plan: hosts.plan, timing, chance: chanceOf(options) });
    const host = new RingHost<never, RingClientCommand | string, RingClientReply>({
      participant: client,
      hosts,
      own: line.name,
      secret,
      store: null,
      onDecided: () => {
        const last = decisionsOf(client).at(-1);
        if (last) for (const listener of listeners) tell(listener, last);
      },
    });
    const state = () => {
      const { started, told } = client.state;
      const { election = 0, leader = null } = started ?? {};
      return { name: line.name, election, leader, role: "client" as const, chosen: told[0]?.value ?? null };
    };
    const app = await buildRingApp({
      hosts,
      own: line.name,
      secret,
      logger,
      failure: () => host.failure,
      hear: (from, message) => host.hear(from, message),
      state,
    });
    try {
      const address = await listenAt(app, options, line);
      host.start();
      const close = async () => {
        await host.close();
        await closeApp(app);
      };
      return new ClientNode(address, client, host, listeners, close);
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** Everything that learners told so far, each learner once, in the order in which it was heard. */
  get decisions(): readonly Decision[] {
    return decisionsOf(this.#client);
  }

  /**
   * Has a value proposed, and waits for the one that is chosen: this one, or another that was first.
   *
   * @throws {NotSet} if none was heard in time, or before the client was closed, with what was missing
   * @throws {TypeError} if the value is no string: nobody would hear it
   */
  async set(value: string, { proposer = 0, timeoutMs = TIMEOUT_MS }: SetOptions = {}): Promise<string> {
    if (typeof value !== "string") throw new TypeError("a value is a string");
    const reply = await this.#host.ask({ kind: "set", value, proposer, timeoutMs: timerMs(timeoutMs) });
    if (reply.kind === "chosen") return reply.value;
    throw reply.kind === "failed" ? new NotSet(reply.why, reply.missing) : new Error("a set was answered like a leave");
  }

  /** Registers somebody who hears what each learner tells; what was told before comes at once. @returns takes it back */
  onDecision(listener: (decision: Decision) => void): () => void {
    for (const decision of this.decisions) listener(decision);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells the nodes that this client needs them no more, within a second, and lets go of its port. */
  close(): Promise<void> {
    this.#closing ??= this.#host.ask({ kind: "leave", timeoutMs: LEAVE_MS }).then(this.#close, this.#close);
    return this.#closing;
  }
}

function decisionsOf(client: RingClient): readonly Decision[] {
  return client.state.told.map(({ value, learner }) => ({ value, learner: Number(learner.slice(1)) }));
}
