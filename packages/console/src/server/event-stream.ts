import { signal } from "@preact/signals";
import { LOGIN_HEADER, type Problem } from "@synod/api";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { isProblem } from "./ask.js";
import { heedSecret, secretHeaders } from "./secret.js";

/** How a stream of events stands. */
export type StreamState =
  | { readonly kind: "off" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  /** It broke, or was never there; the next attempt comes by itself. */
  | { readonly kind: "reconnecting"; readonly attempt: number }
  /** Nobody sees the page: the connection is given back, and the stream goes on where it was once somebody does. */
  | { readonly kind: "asleep" }
  /** The server will not have it, and trying again would not help. */
  | { readonly kind: "refused"; readonly problem: Problem };

/** A server says at least every 10 s that a stream lives. */
const SILENCE_MS = 25_000;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;

/**
 * A stream of server-sent events that begins again by itself, after the last event that had an id. By `fetch`, since the
 * browser's own EventSource can send no secret.
 */
export class EventStream {
  readonly state = signal<StreamState>({ kind: "off" });
  readonly #onEvent: (event: EventSourceMessage) => void;
  #path: string | null = null;
  #login: string | null = null;
  #lastId: string | null = null;
  #run: AbortController | null = null;

  constructor(onEvent: (event: EventSourceMessage) => void) {
    this.#onEvent = onEvent;
  }

  /** Begins the stream of this path, in place of the one there was. @param login the token of the login that it is for */
  start(path: string, login: string | null = null): void {
    this.stop();
    this.#path = path;
    this.#login = login;
    document.addEventListener("visibilitychange", this.#sleepOrWake);
    this.#sleepOrWake();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.#sleepOrWake);
    this.#run?.abort();
    this.#run = null;
    this.#path = null;
    this.#lastId = null;
    this.state.value = { kind: "off" };
  }

  /** A browser has six connections to a server for all its pages: one that nobody sees keeps none. */
  readonly #sleepOrWake = (): void => {
    if (this.#path === null) return;
    if (document.hidden) {
      this.#run?.abort();
      this.#run = null;
      this.state.value = { kind: "asleep" };
    } else if (this.#run === null) {
      this.#run = new AbortController();
      void this.#keepReading(this.#path, this.#run.signal);
    }
  };

  async #keepReading(path: string, signal: AbortSignal): Promise<void> {
    let attempt = 0;
    this.state.value = { kind: "connecting" };
    while (!signal.aborted) {
      const onOpen = () => {
        attempt = 0;
        this.state.value = { kind: "connected" };
      };
      const refusal = await this.#readOnce(path, signal, onOpen).catch(() => null);
      if (signal.aborted) return;
      if (refusal && refusal.status < 500) {
        this.state.value = { kind: "refused", problem: refusal };
        return;
      }
      attempt++;
      this.state.value = { kind: "reconnecting", attempt };
      await waited(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)), signal);
    }
  }

  /**
   * Reads until the connection ends.
   *
   * @returns the refusal, if it was one
   * @throws what the connection ends with
   */
  async #readOnce(path: string, signal: AbortSignal, onOpen: () => void): Promise<Problem | null> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const answer = await fetch(path, {
        headers: this.#headers(),
        signal: AbortSignal.any([signal, silence.signal]),
        cache: "no-store",
      });
      if (!answer.ok || !answer.body) return await refusalIn(answer);
      onOpen();
      const parser = createParser({ onEvent: (event) => this.#take(event) });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        if (signal.aborted) return null;
        parser.feed(piece.value);
      }
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #headers(): Record<string, string> {
    return {
      ...secretHeaders(),
      ...(this.#login === null ? {} : { [LOGIN_HEADER]: this.#login }),
      ...(this.#lastId === null ? {} : { "last-event-id": this.#lastId }),
    };
  }

  #take(event: EventSourceMessage): void {
    if (event.id !== undefined && event.id !== "") this.#lastId = event.id;
    this.#onEvent(event);
  }
}

async function refusalIn(answer: Response): Promise<Problem | null> {
  const body: unknown = await answer.json().catch(() => null);
  if (!isProblem(body)) return null;
  heedSecret(body);
  return body;
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
