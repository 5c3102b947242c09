import { formatAddress } from "@synod/api";
import { type Dispatcher, Pool } from "undici";
import { timeIsUp } from "./exchange-end.js";
import {
  LONGEST_ANSWER,
  MOST_CONNECTIONS,
  type TransportAnswer,
  type TransportFactory,
  type TransportRequest,
} from "./transport.js";

/**
 * The transport for programs that send many requests. It uses undici's dispatch: with `request`, whose body is a stream,
 * an exchange costs twice the time (docs/performance.md).
 */
export const undiciTransport: TransportFactory = (address) => {
  const pool = new Pool(`http://${formatAddress(address)}`, {
    connections: MOST_CONNECTIONS,
    maxResponseSize: LONGEST_ANSWER,
  });
  return {
    exchange: (request) => new Promise((resolve, reject) => new Exchange(request, resolve, reject).begin(pool)),
    close: () => pool.destroy(),
  };
};

/** One request and its answer, as undici tells of them. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #resolve: (answer: TransportAnswer) => void;
  readonly #reject: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #status = 0;
  #headers: TransportAnswer["headers"] = {};
  #pieces: Buffer[] = [];

  constructor(request: TransportRequest, resolve: (answer: TransportAnswer) => void, reject: (error: unknown) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(pool: Pool): void {
    const { method, path, headers, body, signal, timeoutMs } = this.#request;
    if (signal?.aborted) {
      this.#reject(signal.reason);
      return;
    }
    signal?.addEventListener("abort", this.#aborted, { once: true });
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#giveUp(timeIsUp(timeoutMs)), timeoutMs);
    pool.dispatch({ method, path, headers, body }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error("the request was given up"));
  }

  onResponseStart(_controller: unknown, status: number, headers: TransportAnswer["headers"]): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: unknown, piece: Buffer): void {
    this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    const [first = Buffer.alloc(0)] = this.#pieces;
    const body = this.#pieces.length > 1 ? Buffer.concat(this.#pieces) : first;
    this.#end(() => this.#resolve({ status: this.#status, headers: this.#headers, text: body.toString("utf8") }));
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#end(() => this.#reject(error));
  }

  readonly #aborted = () => this.#giveUp(this.#request.signal?.reason);

  #giveUp(reason: unknown): void {
    this.#end(() => this.#reject(reason));
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener("abort", this.#aborted);
    tell();
  }
}
