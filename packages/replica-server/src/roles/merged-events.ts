import { type App, type EventFeed, SseStream } from "@synod/acceptor-server";
import type { RoleServer } from "@synod/api";
import { ROLES } from "@synod/api";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { readEvents } from "../host/event-source.js";
import { headersOf, type RoleContext, serversOf } from "./role-context.js";

/** A feed that says nothing for so long is read anew: it tells every 10 s that it lives. */
const SILENCE_MS = 25_000;
const RETRY_MS = 500;

/** What all servers of the cluster send, for those who watch a gateway. While nobody does, nothing is asked of them. */
export class MergedEvents {
  /** What this gateway sends itself. */
  readonly own: { readonly isWatched: boolean; record: EventFeed["record"] };
  readonly #feed: EventFeed;
  readonly #context: RoleContext;
  readonly #streams = new Set<SseStream>();
  #reading: AbortController | null = null;

  constructor(context: RoleContext, feed: EventFeed) {
    this.#context = context;
    this.#feed = feed;
    const isWatched = () => feed.isWatched || this.#streams.size > 0;
    this.own = {
      get isWatched() {
        return isWatched();
      },
      record: (message) => {
        feed.record(message);
        const data = JSON.stringify({ at: new Date().toISOString(), from: context.server.name, ...message });
        this.#tell("message", data);
      },
    };
  }

  /** Answers with what this gateway sends from now on. */
  openOwn(reply: FastifyReply): void {
    this.#feed.open(reply);
  }

  /** Answers with what everybody sends from now on. */
  open(reply: FastifyReply): void {
    const stream = SseStream.open(reply);
    this.#streams.add(stream);
    stream.closed.then(() => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.close();
    });
    if (this.#reading) return;
    this.#reading = new AbortController();
    for (const server of this.#others()) void this.#follow(server, this.#reading.signal);
  }

  /** Asks the others for nothing more. */
  close(): void {
    this.#reading?.abort();
    this.#reading = null;
  }

  #others(): RoleServer[] {
    const { topology, server } = this.#context;
    return ROLES.flatMap((role) => serversOf(topology, role)).filter(({ name }) => name !== server.name);
  }

  async #follow({ address, role }: RoleServer, signal: AbortSignal): Promise<void> {
    // Of another gateway its own messages alone: the rest it has from those whom we ask, too.
    const path = role === "gateway" ? "/events?only=own" : "/events";
    const headers = headersOf(this.#context);
    while (!signal.aborted) {
      const reading = readEvents({
        ...{ address, path, headers, signal, silenceMs: SILENCE_MS },
        onEvent: ({ event, data }) => {
          this.#tell(event ?? "message", data);
          return true;
        },
      });
      // Who does not answer sends nothing; once it does, we hear of it.
      await reading.catch(() => {});
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }

  #tell(event: string, data: string): void {
    if (this.#streams.size === 0) return;
    const text = SseStream.encode({ event, data });
    for (const stream of this.#streams) stream.sendEncoded(text);
  }
}

const EventsQuery = Type.Object({ only: Type.Optional(Type.Literal("own")) }, { additionalProperties: false });

/** `/events` of a gateway. */
export function addMergedEventRoute(app: App, events: MergedEvents): void {
  app.route({
    method: "GET",
    url: "/events",
    exposeHeadRoute: false,
    config: { answersWhilePaused: true },
    schema: {
      summary:
        "Every message that any server of the cluster sends from now on, as server-sent events; `only=own`: this one",
      produces: ["text/event-stream"],
      querystring: EventsQuery,
    },
    handler: ({ query }, reply) => (query.only === "own" ? events.openOwn(reply) : events.open(reply)),
  });
}
