import { heardByMany } from "./heard-by-many.js";
import { LinkedEnd } from "./linked-end.js";
import type { CallPatience } from "./options.js";
import { askUntilAnswered } from "./persistence.js";
import type { ServerRequest, Servers } from "./servers.js";
import { StoreError } from "./store-errors.js";

/** Requests that change nothing, each of its own: they are sent again until one is answered, or nobody waits any more. */
export class ReadCalls {
  readonly #servers: Servers;
  /** What is said of the client once it takes no more. */
  readonly #closedWords: string;
  readonly #ended = new AbortController();
  readonly #open = new Set<Promise<unknown>>();
  #isClosing = false;

  /** @param closedWords such as `the store is closed` */
  constructor(servers: Servers, closedWords: string) {
    this.#servers = servers;
    this.#closedWords = closedWords;
    // Any number may be open.
    heardByMany(this.#ended.signal);
  }

  /**
   * @param request for a server that is given so many milliseconds
   * @param isExpected whether a body has the form of the answer
   * @throws {StoreError} if there is no answer
   */
  async ask(
    request: (withinMs: number) => Pick<ServerRequest, "path" | "headers">,
    isExpected: (body: unknown) => boolean,
    { timeoutMs, signal }: CallPatience,
  ): Promise<unknown> {
    if (this.#isClosing) throw this.closedError();
    const end = new LinkedEnd([this.#ended.signal, signal]);
    const asked = (withinMs: number) => ({ ...request(withinMs), method: "GET", body: null }) as const;
    const patience = { deadline: performance.now() + timeoutMs, timeoutMs, signal: end.signal };
    const asking = askUntilAnswered(this.#servers, asked, isExpected, patience);
    this.#open.add(asking);
    try {
      return await asking;
    } finally {
      this.#open.delete(asking);
      end.unlink();
    }
  }

  /** Takes no more, and waits for those under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.allSettled(this.#open);
  }

  /** Ends those that there are. */
  endAll(): void {
    this.#isClosing = true;
    this.#ended.abort(this.closedError());
  }

  closedError(): StoreError {
    return new StoreError("closed", this.#closedWords, true);
  }
}
