import { createParser } from "eventsource-parser";

/** An event as it was read. */
interface ReadEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads a stream of server-sent events to its end. */
export class ChangeReader {
  /** All but the first, which says after which revision the stream tells changes. */
  readonly events: ReadEvent[] = [];
  /** What that one says; null before it came. */
  startedAfter: string | null = null;
  /** Resolves when the stream ends, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.#abort = abort;
    this.ended = this.#read(body);
  }

  static async open(url: string, lastEventId?: string, more: Record<string, string> = {}): Promise<ChangeReader> {
    const abort = new AbortController();
    const headers = { ...more, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) };
    const answer = await fetch(url, { headers, signal: abort.signal });
    if (answer.status !== 200 || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
    return new ChangeReader(answer.body, abort);
  }

  get values(): unknown[] {
    return this.events.map(({ data }) => data["value"]);
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = createParser({
      onEvent: ({ event, id, data }) => {
        if (event === "started") this.startedAfter = id ?? null;
        else this.events.push({ event, id, data: JSON.parse(data) });
      },
    });
    const decoder = new TextDecoder();
    try {
      for await (const bytes of body) parser.feed(decoder.decode(bytes, { stream: true }));
    } catch {
      // It broke off, or we did.
    }
  }
}
