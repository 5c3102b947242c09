import { request } from "node:http";
import type { Socket } from "node:net";
import { encodeLine, LineReader, type MessageLine } from "@synod/acceptor-server";
import { type Address, formatAddress, MESSAGE_STREAM } from "@synod/api";
import { isProblem, LONGEST_ANSWER, NoAnswer, ProblemAnswer } from "@synod/client";

export interface MessageStreamOptions {
  readonly address: Address;
  /** Sent when it is opened. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the one that answered is the one meant. */
  readonly isMeant: (headers: Readonly<Record<string, string | string[] | undefined>>) => boolean;
}

interface Asked {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** How long the opening may take, and how long to wait after one that failed, in milliseconds. */
const OPENING_MS = 1000;
const PAUSE_MS = 200;
/**
 * A stream on which nothing came for so long, in milliseconds, when the time of a question is up is given up: its other side
 * may be gone without a word, and the system would notice that only after minutes.
 */
const MOST_SILENT_MS = 1500;
/** Bytes that wait to be sent at most: a peer that reads nothing is given up. */
const MOST_UNSENT = 64 * 1024 * 1024;

/** A connection to another node that stays open, and on which messages cost less than by HTTP. */
export class MessageStream {
  readonly #options: MessageStreamOptions;
  readonly #asked = new Map<number, Asked>();
  #socket: Socket | null = null;
  /** When something last came, by `performance.now()`. */
  #heardAt = 0;
  #isOpening = false;
  #notBefore = 0;
  #count = 0;
  #isClosed = false;

  constructor(options: MessageStreamOptions) {
    this.#options = options;
  }

  /** Whether it takes messages now. If not, it is being opened, unless that failed a moment ago. */
  isOpen(): boolean {
    if (this.#socket !== null) return true;
    if (!this.#isOpening && !this.#isClosed && performance.now() >= this.#notBefore) this.#open();
    return false;
  }

  /**
   * Sends a message. @param json its text @returns its answer, of any form
   * @throws {NoAnswer | ProblemAnswer} if there is none
   */
  exchange(json: string, timeoutMs: number): Promise<unknown> {
    const socket = this.#socket;
    const where = formatAddress(this.#options.address);
    if (socket === null) return Promise.reject(new NoAnswer("refused", `there is no connection to ${where}`));
    const number = ++this.#count;
    const askedAt = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(number);
        reject(new NoAnswer("timeout", `no answer from ${where} within ${timeoutMs} ms`));
        // Where this process stood still, what arrived meanwhile is read first.
        setImmediate(() => this.#endIfSilent(socket, askedAt));
      }, timeoutMs).unref();
      this.#asked.set(number, { resolve, reject, timer });
      socket.write(encodeLine(number, json));
      if (socket.writableLength > MOST_UNSENT) socket.destroy();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #open(): void {
    this.#isOpening = true;
    const { address, headers, isMeant } = this.#options;
    const asked = request({
      host: address.host,
      port: address.port,
      path: MESSAGE_STREAM.path,
      agent: false,
      timeout: OPENING_MS,
      headers: { ...headers, connection: "upgrade", upgrade: MESSAGE_STREAM.protocol },
    });
    const failed = () => {
      this.#isOpening = false;
      this.#notBefore = performance.now() + PAUSE_MS;
      asked.destroy();
    };
    asked.on("timeout", failed);
    asked.on("error", failed);
    // It answered as to any request: it has no streams now.
    asked.on("response", failed);
    asked.on("upgrade", (response, socket, head) => {
      if (this.#isClosed || !isMeant(response.headers)) {
        socket.destroy();
        failed();
        return;
      }
      this.#isOpening = false;
      this.#take(socket, head);
    });
    asked.end();
  }

  #take(socket: Socket, head: Buffer): void {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.unref();
    // What came of a batch may be many times as long as the batch: it may have what was there before.
    const lines = new LineReader(LONGEST_ANSWER);
    const read = (piece: Buffer) => {
      this.#heardAt = performance.now();
      try {
        for (const line of lines.read(piece)) this.#heard(line, JSON.parse(line.json));
      } catch {
        // No message of ours: what is on its way there cannot be made out any more.
        socket.destroy();
      }
    };
    socket.on("data", read);
    socket.on("error", () => {});
    socket.on("close", () => this.#lost());
    this.#socket = socket;
    if (head.length > 0) read(head);
  }

  #endIfSilent(socket: Socket, since: number): void {
    if (performance.now() - Math.max(since, this.#heardAt) >= MOST_SILENT_MS) socket.destroy();
  }

  #heard({ number, isProblem: isRefusal }: MessageLine, reply: unknown): void {
    const asked = this.#asked.get(number);
    // It came too late.
    if (asked === undefined) return;
    this.#asked.delete(number);
    clearTimeout(asked.timer);
    if (!isRefusal) asked.resolve(reply);
    else if (isProblem(reply)) asked.reject(new ProblemAnswer(reply));
    else asked.reject(new NoAnswer("broken", "the problem that was answered is unknown here"));
  }

  #lost(): void {
    this.#socket = null;
    const where = formatAddress(this.#options.address);
    for (const { reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(new NoAnswer("broken", `the connection to ${where} broke`));
    }
    this.#asked.clear();
  }
}
