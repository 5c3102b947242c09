import { setTimeout as delay } from "node:timers/promises";
import { type Address, formatAddress } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import { type ServerSentEvent, serverSentEvents } from "@synod/client/server-sent-events";
import { jsonIn } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Gateway } from "./gateway.js";

/** A key was written or deleted. */
export interface Change {
  readonly revision: number;
  readonly key: string;
  /** Null: deleted. */
  readonly value: string | null;
  readonly type: "put" | "delete";
}

/** Changes of several keys that share a revision. */
interface ChangesTogether {
  readonly revision: number;
  /** In the order in which they were made. */
  readonly changes: readonly Change[];
}

/** What a stream says of itself: from where it tells, how far it is, what is gone. */
interface Progress {
  readonly startedAfter?: number;
  readonly toldThrough?: number;
  readonly compactedThrough?: number;
}

/** Who is told of what a watch sees. */
export interface Watcher {
  /** A connection broke, and is made again. @param reason why, for people */
  interrupted(reason: string): void;
  /** In the order of the revisions, each once. */
  changed(change: Change): void;
  /** Changes up to this revision are no longer kept: some of those asked for are missing. */
  compacted(through: number): void;
}

export interface WatchOptions {
  /** As the gateway takes them, such as `user/*`. */
  readonly patterns: readonly string[];
  /** The first revision to tell of; undefined: from now on. */
  readonly from: number | undefined;
  /** How long it may be without a connection, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the watch. */
  readonly end: AbortSignal;
}

/** How long to wait before the next attempt to connect, in milliseconds. */
const PAUSE_MS = 100;

/** A connection that held for so long was one, in milliseconds; also if nothing happened meanwhile. */
const LASTING_MS = 1000;

/** The changes of some keys, over as many connections as it takes: one that breaks is made again where it broke. */
export class ChangeStream {
  readonly #gateway: Gateway;
  readonly #options: WatchOptions;
  readonly #watcher: Watcher;
  /** Everything up to this revision was told. */
  #last: number | null = null;
  /** When the watch began, or the last connection ended. */
  #aloneSince = performance.now();

  constructor(gateway: Gateway, options: WatchOptions, watcher: Watcher) {
    this.#gateway = gateway;
    this.#options = options;
    this.#watcher = watcher;
  }

  /**
   * Watches until the signal ends it.
   *
   * @throws {CommandFailure} if it is without a connection for too long, or the gateway refuses
   */
  async run(): Promise<void> {
    const { end, timeoutMs } = this.#options;
    while (!end.aborted) {
      const reasons: string[] = [];
      for (const address of this.#gateway.addresses) {
        if (!end.aborted) reasons.push(await this.#watchAt(address));
      }
      if (end.aborted) return;
      if (performance.now() - this.#aloneSince >= timeoutMs) {
        throw new CommandFailure(ExitCode.nobodyReachable, "gateway-unreachable", reasons.join("; "));
      }
      await delay(PAUSE_MS, undefined, { signal: end }).catch(() => {});
    }
  }

  /** Watches at this gateway as long as it goes well. @returns why it no longer does */
  async #watchAt(address: Address): Promise<string> {
    const began = performance.now();
    let isConnected = false;
    let reason = `${formatAddress(address)} ended the stream`;
    try {
      const { secret } = this.#gateway;
      const headers = {
        ...(this.#last === null ? {} : { "last-event-id": String(this.#last) }),
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      };
      const events = serverSentEvents(address, this.#path(), { headers, signal: this.#options.end });
      for await (const event of events) {
        isConnected = true;
        this.#take(event);
      }
    } catch (error) {
      reason = whyNoStream(error);
    }
    if (isConnected || performance.now() - began > LASTING_MS) {
      this.#aloneSince = performance.now();
      if (!this.#options.end.aborted) this.#watcher.interrupted(reason);
    }
    return reason;
  }

  #path(): string {
    const { patterns, from } = this.#options;
    const first = this.#last === null ? from : this.#last + 1;
    const query = patterns.map((pattern) => `pattern=${encodeURIComponent(pattern)}`);
    return `/kv/watch?${[...query, ...(first === undefined ? [] : [`from=${first}`])].join("&")}`;
  }

  #take({ event, data }: ServerSentEvent): void {
    if (this.#options.end.aborted) return;
    const said = (jsonIn(data) ?? {}) as Partial<Change> & Progress & Partial<ChangesTogether>;
    if (event === "started") this.#last ??= said.startedAfter ?? null;
    if (event === "progress") this.#last = Math.max(this.#last ?? 0, said.toldThrough ?? 0);
    if (event === "compacted") this.#compacted(said.compactedThrough ?? 0);
    if (typeof said.revision !== "number") return;
    if (event === "change") this.#changed(said.revision, [said as Change]);
    if (event === "changes" && Array.isArray(said.changes)) this.#changed(said.revision, said.changes);
  }

  #changed(revision: number, changes: readonly Change[]): void {
    if (this.#last !== null && revision <= this.#last) return;
    this.#last = revision;
    for (const change of changes) {
      // The watcher may have had enough after any of them.
      if (this.#options.end.aborted) return;
      this.#watcher.changed(change);
    }
  }

  #compacted(through: number): void {
    this.#last = Math.max(this.#last ?? 0, through);
    this.#watcher.compacted(through);
  }
}

/** Why there is no stream, if that may pass. @throws {CommandFailure} if it will not: the gateway refuses */
function whyNoStream(error: unknown): string {
  // One that starts, or that knows of no learner at the moment, may know one soon.
  if (error instanceof NoAnswer && error.reason !== "no-acceptor") return error.message;
  if (error instanceof ProblemAnswer && error.problem.status === 503) return error.problem.detail;
  if (error instanceof NoAnswer) throw new CommandFailure(ExitCode.failure, "no-gateway", error.message);
  if (error instanceof ProblemAnswer) {
    // A pattern that is none, say: what was typed.
    const exitCode = error.problem.code === "bad-request" ? ExitCode.usage : ExitCode.failure;
    throw new CommandFailure(exitCode, error.problem.code, error.message);
  }
  throw error;
}
