import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { ClientEnd } from "../calls/client-end.js";
import { openServers } from "../calls/open-servers.js";
import { type CallOptions, checkedTimeout, patienceOf, USUAL_TIMEOUT_MS } from "../calls/options.js";
import { ReadCalls } from "../calls/read-calls.js";
import { ResumedStream, type StreamOptions, type StreamSource } from "../calls/resumed-stream.js";
import type { Servers } from "../calls/servers.js";
import { StoreError } from "../calls/store-errors.js";
import { WriteCalls } from "../calls/write-calls.js";
import type { ChatOptions } from "./options.js";

/** Query parameters; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

type Headers = Readonly<Record<string, string>>;

/** The requests of a chat's client, whoever's they are: its routes, each asked in the one way that is right for it. */
export class ChatConnection {
  readonly #servers: Servers;
  readonly #reads: ReadCalls;
  readonly #writes: WriteCalls;
  readonly #timeoutMs: number;
  /** Ends streams. */
  readonly #closed = new AbortController();
  readonly #end: ClientEnd;

  /** @throws {TypeError | RangeError | Error} if an option makes no sense */
  constructor(options: ChatOptions) {
    const { timeoutMs = USUAL_TIMEOUT_MS, clusterId, signal } = options;
    this.#timeoutMs = checkedTimeout(timeoutMs);
    this.#servers = openServers(options, clusterId);
    this.#reads = new ReadCalls(this.#servers, "the chat's client is closed");
    this.#writes = new WriteCalls(this.#servers, {
      sessionsPath: "/chat/sessions",
      newName: randomUUID,
      words: {
        unknown: "It may have happened, and may still: look at the chat to see",
        nothing: "Nothing was changed",
      },
      client: "the chat's client",
      noSuchRoute: NO_CHAT,
    });
    // Any number of streams may be open.
    setMaxListeners(0, this.#closed.signal);
    this.#end = new ClientEnd({ finish: () => this.#finish(), endAll: (reason) => this.#endAll(reason) }, signal);
  }

  get clusterId(): string | null {
    return this.#servers.clusterId;
  }

  close(): Promise<void> {
    return this.#end.come();
  }

  /** Asks for something, as often as it takes. @throws {StoreError} if there is no answer */
  async ask<Reply>(
    path: string,
    query: Query,
    isReply: (body: unknown) => body is Reply,
    options: CallOptions,
    headers: Headers = {},
  ): Promise<Reply> {
    const request = (withinMs: number) => ({ path: pathWith(path, { ...query, timeout_ms: withinMs }), headers });
    try {
      return (await this.#reads.ask(request, isReply, patienceOf(options, this.#timeoutMs))) as Reply;
    } catch (error) {
      if (error instanceof StoreError && error.code === "not-found") throw new StoreError("not-found", NO_CHAT, true);
      throw error;
    }
  }

  /** Has something happen once. @throws {StoreError} if there is no answer; `OutcomeUnknown` if it may have happened */
  async change<Reply>(
    path: string,
    body: object,
    isReply: (body: unknown) => body is Reply,
    options: CallOptions,
    { headers = {}, isNumbered = true }: { readonly headers?: Headers; readonly isNumbered?: boolean } = {},
  ): Promise<Reply> {
    const read = (answer: unknown) => (isReply(answer) ? answer : null);
    return this.#writes.submit({ path, headers, body, isNumbered, read }, patienceOf(options, this.#timeoutMs));
  }

  stream<Event>(source: StreamSource<Event>, options: StreamOptions): ResumedStream<Event> {
    return new ResumedStream(this.#servers, source, options, this.#closed.signal);
  }

  async #finish(): Promise<void> {
    const writes = this.#writes.close();
    this.#closed.abort(this.#reads.closedError());
    await Promise.allSettled([writes, this.#reads.close()]);
    await this.#servers.close();
  }

  #endAll(reason: unknown): void {
    this.#writes.endAll(reason);
    this.#reads.endAll();
  }
}

const NO_CHAT = "what answers there is a server of Synod, but not of a chat";

function pathWith(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return `${path}?${parameters}`;
}
