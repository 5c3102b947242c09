import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { type SseEvent, SseStream } from "@synod/acceptor-server";
import { KeyPatterns, type KeyValueChange } from "@synod/state-machines";
import { createParser } from "eventsource-parser";
import type { ChangeFeed } from "../src/applications/change-feed.ts";
import { KeyReader } from "../src/applications/key-value/key-reader.ts";

export function patternsOf(...texts: string[]): KeyPatterns {
  const parsed = KeyPatterns.parse(texts);
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed;
}

/** A stream that a feed tells into, without a server. */
export class ToldStream {
  readonly events: SseEvent[] = [];
  readonly #response = new EventEmitter();
  #unread = 0;

  /** @param room events after which the feed has to wait until they are read */
  constructor(feed: ChangeFeed<KeyValueChange>, pattern: string, after: number, room = Number.POSITIVE_INFINITY) {
    const stream = { isOpen: true, closed: new Promise(() => {}), send: (event: SseEvent) => this.#take(event) };
    Object.defineProperty(this.#response, "writableNeedDrain", { get: () => this.#unread >= room });
    const parts = { stream: stream as unknown as SseStream, response: this.#response as ServerResponse };
    const reader = new KeyReader(patternsOf(pattern));
    feed.watch(parts, reader, after);
  }

  /** As it goes over the wire. */
  get text(): string {
    return this.events.map((event) => SseStream.encode(event)).join("");
  }

  /** Reads what there is: there is room for more. */
  read(): void {
    this.#unread = 0;
    this.#response.emit("drain");
  }

  #take(event: SseEvent): boolean {
    this.#unread++;
    this.events.push(event);
    return true;
  }
}

/** What a reader has of a stream of which this came: what it was told, and the id that it resumes after. */
export function readFrom(text: string, after: number): { readonly told: KeyValueChange[]; readonly last: number } {
  const told: KeyValueChange[] = [];
  let last = after;
  const parser = createParser({
    onEvent: ({ event, id, data }) => {
      const said = JSON.parse(data);
      if (event === "change") told.push(said);
      if (event === "changes") told.push(...said.changes);
      last = Number(id);
    },
  });
  parser.feed(text);
  return { told, last };
}
