import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { OpenSessionReply } from "@synod/api";
import { backOffMs } from "./back-off.js";
import type { ServerRequest, Servers } from "./servers.js";
import type { Failure } from "./store-errors.js";
import { WriteSession } from "./write-session.js";

type Opened = Pick<OpenSessionReply, "openedAt" | "firstSequence">;

/**
 * Opens sessions for writes. Each has a name that was drawn for it. Until the answer has come it is opened under the same
 * name again and again, which does no more than opening it once.
 */
export class SessionOpening {
  readonly #servers: Servers;
  readonly #path: string;
  readonly #end = new AbortController();
  readonly #newName: () => string;
  #client: string;
  /** Failures in a row. */
  #failures = 0;
  isUnderWay = false;

  /**
   * @param path the route that opens sessions
   * @param newName draws a name that nobody else has, of at most 64 characters
   */
  constructor(servers: Servers, path: string, newName: () => string = randomUUID) {
    this.#servers = servers;
    this.#path = path;
    this.#newName = newName;
    this.#client = newName();
  }

  /**
   * Tries once. After a failure it takes a while longer, so that whoever tries again does not do so at once. Never rejects.
   *
   * @param onFailure hears at once why there is no session so far
   */
  async open(onFailure: (failure: Failure) => void): Promise<WriteSession | null> {
    this.isUnderWay = true;
    const withinMs = this.#servers.attemptMs(Number.POSITIVE_INFINITY, this.#failures);
    const { body, failure, server } = await this.#servers.ask(this.#request(withinMs), withinMs);
    const session = failure === null ? this.#sessionIn(body) : null;
    if (session === null) {
      onFailure(asOpening(failure ?? this.#servers.misunderstood(server)));
      const waitMs = backOffMs(++this.#failures, this.#servers.all.length);
      await delay(waitMs, undefined, { signal: this.#end.signal }).catch(() => {});
    } else {
      this.#failures = 0;
      this.#client = this.#newName();
    }
    this.isUnderWay = false;
    return session;
  }

  close(): void {
    this.#end.abort();
  }

  #sessionIn(body: unknown): WriteSession | null {
    const { openedAt, firstSequence } = body as Partial<Opened>;
    if (typeof openedAt !== "number" || typeof firstSequence !== "number") return null;
    return new WriteSession(this.#client, openedAt, firstSequence);
  }

  #request(withinMs: number): ServerRequest {
    const body = JSON.stringify({ client: this.#client, timeout_ms: withinMs });
    return { method: "POST", path: this.#path, body };
  }
}

/** An opening that may have happened does no harm: the next one has the same name. */
function asOpening(failure: Failure): Failure {
  if (failure.code !== "outcome-unknown") return { ...failure, mayHaveHappened: false };
  const message = "no session was opened, since nothing was decided in time";
  return { code: "timeout", message, mayHaveHappened: false, mayPass: true };
}
