import { type CallWords, PendingCall } from "./pending-call.js";
import type { ServerRequest } from "./servers.js";

/** A request that has an effect, which must happen once however often it is sent, and how its answer is read. */
export interface WriteRequest<Result> {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, but for session and time. */
  readonly body: object;
  /** Whether a session's number makes it happen once; else it does by itself, sent as it is. */
  readonly isNumbered: boolean;
  /** What the body of an answer says; null if it has not the form of one. */
  read(body: unknown): Result | null;
}

/** A write that a caller waits for, in a request of its own. */
export class WriteCall extends PendingCall<unknown> {
  readonly #request: WriteRequest<unknown>;
  protected override readonly words: CallWords;

  constructor(request: WriteRequest<unknown>, words: CallWords, timeoutMs: number) {
    super(timeoutMs);
    this.#request = request;
    this.words = words;
  }

  override get isWrite(): boolean {
    return true;
  }

  get isNumbered(): boolean {
    return this.#request.isNumbered;
  }

  /** The request that carries it; it must have its number, if it needs one. @param withinMs the time that the server is given */
  request(withinMs: number): ServerRequest {
    const { path, headers = {}, body } = this.#request;
    const session = this.session?.position(this.sequence);
    return { method: "POST", path, headers, body: JSON.stringify({ ...body, session, timeout_ms: withinMs }) };
  }

  read(body: unknown): unknown {
    return this.#request.read(body);
  }
}
