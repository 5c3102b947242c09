import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { NotServed, stopping } from "./refusals.js";

/** One event of a stream (WHATWG HTML, "Server-sent events"). */
export interface SseEvent {
  /** Without line feeds, as the id. */
  readonly event: string;
  readonly id?: string | number;
  readonly data: string;
}

export interface SseStreamOptions {
  /** Events that wait for a slow reader at most. Default 1000. */
  readonly mostWaiting?: number;
  /** Characters of all of them at most, about. Default 1 MiB. */
  readonly mostWaitingCharacters?: number;
  /**
   * What becomes of an event that finds no room. `drop`: it is lost, and the reader is told how many were, by
   * `event: lost` and `{"count": n}` in their place. `close`: the stream breaks off, and the reader begins a new one where
   * this one ended. Default `drop`.
   */
  readonly onOverflow?: "drop" | "close";
  /** Milliseconds between comments that say that the stream lives. Default 10,000. */
  readonly heartbeatMs?: number;
}

const MOST_WAITING = 1000;
const MOST_WAITING_CHARACTERS = 1024 * 1024;
const HEARTBEAT_MS = 10_000;
/** How long a stream that is closed may take to get its last bytes out. */
const LAST_WORDS_MS = 1000;

/** Streams that one server has open at most: each may have a whole queue waiting. */
const MOST_STREAMS = 1000;

/** The streams of one server, so that they end when it stops instead of keeping it from stopping. */
export class OpenStreams {
  readonly #streams = new Set<SseStream>();
  #stopping = false;

  get count(): number {
    return this.#streams.size;
  }

  /** @throws {NotServed} if the server is stopping, or has as many streams as it takes */
  refuseTooMany(): void {
    if (this.#stopping) throw stopping();
    if (this.#streams.size < MOST_STREAMS) return;
    throw new NotServed("overloaded", `${MOST_STREAMS} streams of events are open here; close one`);
  }

  add(stream: SseStream): void {
    this.#streams.add(stream);
    stream.closed.then(() => this.#streams.delete(stream));
  }

  closeAll(): void {
    this.#stopping = true;
    for (const stream of this.#streams) stream.close();
  }
}

/** Writes server-sent events to one reader, who may be slow: what waits for it is bounded. */
export class SseStream {
  /** Resolves once the stream has ended, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #mostWaiting: number;
  readonly #mostWaitingCharacters: number;
  readonly #onOverflow: "drop" | "close";
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #lostCount = 0;
  #isBlocked = false;
  #isOpen = true;

  private constructor(response: ServerResponse, options: SseStreamOptions) {
    this.#response = response;
    this.#mostWaiting = options.mostWaiting ?? MOST_WAITING;
    this.#mostWaitingCharacters = options.mostWaitingCharacters ?? MOST_WAITING_CHARACTERS;
    this.#onOverflow = options.onOverflow ?? "drop";
    // A comment has no meaning but that the stream lives.
    const beat = () => {
      if (this.#isOpen && !this.#isBlocked) this.#write(": alive\n\n");
    };
    const heartbeat = setInterval(beat, options.heartbeatMs ?? HEARTBEAT_MS).unref();
    response.on("drain", () => this.#goOn());
    // Who went away is no error of ours; `close` follows.
    response.on("error", () => {});
    this.closed = new Promise((resolve) => {
      const close = () => {
        clearInterval(heartbeat);
        this.#end();
        resolve();
      };
      response.on("close", close);
      // The reader may have left before anybody came to answer.
      if (response.destroyed) close();
    });
  }

  /**
   * Answers a request with a stream. From here on the reply is the stream's alone: the route returns it and sends nothing.
   * Give the route `exposeHeadRoute: false`: a HEAD would open a stream, too.
   *
   * @throws {NotServed} if the server is stopping, or has as many streams as it takes; then nothing was sent
   */
  static open(reply: FastifyReply, options: SseStreamOptions = {}): SseStream {
    const { streams } = reply.server;
    streams.refuseTooMany();
    reply.hijack();
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store", connection: "close" };
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers });
    // The reader knows at once that it is heard, before the first event.
    reply.raw.flushHeaders();
    const stream = new SseStream(reply.raw, options);
    streams.add(stream);
    return stream;
  }

  /** An event as it goes over the wire, for `sendEncoded`: worth it where many streams send the same one. */
  static encode({ event, id, data }: SseEvent): string {
    const idLine = id === undefined ? "" : `id: ${id}\n`;
    const dataLines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
    return `event: ${event}\n${idLine}${dataLines.join("")}\n`;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Characters that wait until the reader has caught up. */
  get waitingCharacters(): number {
    return this.#waitingCharacters;
  }

  /** @returns whether the event was taken; if not, the stream has ended or the event is lost */
  send(event: SseEvent): boolean {
    return this.sendEncoded(SseStream.encode(event));
  }

  /** @param text what `encode` makes */
  sendEncoded(text: string): boolean {
    if (!this.#isOpen) return false;
    if (!this.#isBlocked) {
      this.#write(text);
      return true;
    }
    if (this.#lostCount > 0 || !this.#hasRoomFor(text)) {
      this.#lostCount++;
      if (this.#onOverflow === "close") this.#breakOff();
      return false;
    }
    this.#waiting.push(text);
    this.#waitingCharacters += text.length;
    return true;
  }

  /** Ends the stream; what waits for a slow reader goes with it. */
  close(): void {
    if (!this.#isOpen) return;
    if (this.#isBlocked) {
      this.#breakOff();
      return;
    }
    this.#end();
    this.#response.end();
    // A reader who has stopped reading must not keep the server from stopping.
    setTimeout(() => this.#response.destroy(), LAST_WORDS_MS).unref();
  }

  #hasRoomFor(text: string): boolean {
    if (this.#waiting.length === 0) return this.#mostWaiting > 0;
    const characters = this.#waitingCharacters + text.length;
    return this.#waiting.length < this.#mostWaiting && characters <= this.#mostWaitingCharacters;
  }

  #write(text: string): void {
    this.#isBlocked = !this.#response.write(text);
  }

  /** The reader caught up with what was written: more can be. */
  #goOn(): void {
    if (!this.#isOpen) return;
    this.#isBlocked = false;
    let written = 0;
    while (!this.#isBlocked && written < this.#waiting.length) {
      const text = this.#waiting[written++] ?? "";
      this.#waitingCharacters -= text.length;
      this.#write(text);
    }
    this.#waiting = this.#waiting.slice(written);
    if (this.#isBlocked || this.#lostCount === 0) return;
    const count = this.#lostCount;
    this.#lostCount = 0;
    this.#write(SseStream.encode({ event: "lost", data: JSON.stringify({ count }) }));
  }

  #breakOff(): void {
    this.#end();
    this.#response.destroy();
  }

  #end(): void {
    this.#isOpen = false;
    this.#waiting = [];
    this.#waitingCharacters = 0;
  }
}
