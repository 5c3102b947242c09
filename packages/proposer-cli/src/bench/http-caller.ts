import { connect, type Socket } from "node:net";
import { type Address, formatAddress } from "@synod/api";
import { type HttpAnswer, readHttpAnswer } from "./http-answer.js";
import type { Outcome, StoreRequest } from "./store-protocol.js";

const NOTHING = Buffer.alloc(0);

/** Errors that say that nobody is there. */
const UNREACHABLE: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND"]);

/** What came back: an answer, or why there is none. */
export type Heard = HttpAnswer | (Outcome & { readonly kind: "failed" });

/**
 * A connection to one server, with one request under way at most, as cheap as JavaScript has it: on a machine that also
 * runs the servers, a full HTTP client would be a good part of what is measured. It connects again by itself.
 */
export class HttpCaller {
  readonly #address: Address;
  readonly #timeoutMs: number;
  #socket: Socket | null = null;
  #isConnected = false;
  #received: Buffer = NOTHING;
  #hears: ((heard: Heard) => void) | null = null;

  /** @param timeoutMs for each answer */
  constructor(address: Address, timeoutMs: number) {
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  get isBusy(): boolean {
    return this.#hears !== null;
  }

  /** Sends a request, as `httpText` wrote it. @param hears is called once, later, unless this caller is closed before */
  call(request: string, hears: (heard: Heard) => void): void {
    this.#hears = hears;
    this.#received = NOTHING;
    this.#socket ??= this.#connect();
    this.#socket.write(request, "latin1");
  }

  close(): void {
    this.#hears = null;
    this.#leave();
  }

  #connect(): Socket {
    const socket = connect({ ...this.#address, noDelay: true, timeout: this.#timeoutMs });
    this.#isConnected = false;
    const isOurs = () => socket === this.#socket;
    socket.on("connect", () => {
      if (isOurs()) this.#isConnected = true;
    });
    socket.on("data", (piece) => isOurs() && this.#receive(piece));
    socket.on("timeout", () => isOurs() && this.isBusy && this.#fail("time-out", !this.#isConnected));
    // A connection that never stood has carried nothing; one that broke may have.
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      if (!isOurs()) return;
      if (this.#isConnected) this.#fail("connection broken", false);
      // Others are this machine's own, such as EMFILE: too many connections for one process.
      else this.#fail(UNREACHABLE.has(code) ? "not reachable" : code, true);
    });
    socket.on("close", () => isOurs() && this.#fail("connection broken", false));
    return socket;
  }

  #receive(piece: Buffer): void {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
    const answer = this.#answerSoFar();
    if (!answer) return;
    if (!answer.keepsAlive) this.#leave();
    this.#tell(answer);
  }

  /** The answer, if it is whole; what is none ends the connection. */
  #answerSoFar(): HttpAnswer | null {
    try {
      return readHttpAnswer(this.#received);
    } catch (error) {
      this.#fail((error as Error).message, false);
      return null;
    }
  }

  #fail(code: string, definite: boolean): void {
    this.#leave();
    this.#tell({ kind: "failed", code, definite });
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  #tell(heard: Heard): void {
    const hears = this.#hears;
    this.#hears = null;
    hears?.(heard);
  }
}

/** A request as it travels. @param secret what the servers share, if they do */
export function httpText({ method, path, body }: StoreRequest, address: Address, secret: string | undefined): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${formatAddress(address)}`,
    ...(secret === undefined ? [] : [`authorization: Bearer ${secret}`]),
    ...(body === "" ? [] : ["content-type: application/json", `content-length: ${body.length}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
