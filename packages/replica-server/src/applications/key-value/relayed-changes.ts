import { SseStream } from "@synod/acceptor-server";
import type { RoleServer } from "@synod/api";
import type { FastifyReply } from "fastify";
import { NoStream, readEvents } from "../../host/event-source.js";
import { stateServers } from "../../roles/log-servers.js";
import { headersOf, type RoleContext } from "../../roles/role-context.js";
import { startedEvent } from "./change-events.js";
import type { Subscription } from "./subscription.js";

/** A learner that says nothing for so many of its heartbeats is taken for dead. */
const HEARTBEATS_MISSED = 4;
const HEARTBEAT_MS = 1000;
/** The wait after all learners were tried, in milliseconds. */
const RETRY_MS = 100;

/** What a relayed stream has told so far. */
interface Progress {
  /** Everything up to this revision. */
  told: number;
  /** Learners in a row that no longer know what comes next. */
  compactions: number;
}

/**
 * Streams of changes at a gateway. Each is read from one learner; when that one dies, another goes on where it ended, so
 * that nothing is lost, and nothing that was told already is told again.
 */
export class RelayedChanges {
  readonly #context: RoleContext;
  readonly #learners: readonly RoleServer[];
  readonly #stop = new AbortController();
  #turn = 0;

  constructor(context: RoleContext) {
    this.#context = context;
    this.#learners = stateServers(context.topology);
  }

  /** @throws {NotServed} as `SseStream.open` */
  open(reply: FastifyReply, subscription: Subscription, after: number): SseStream {
    const stream = SseStream.open(reply, { onOverflow: "close" });
    stream.send(startedEvent(after));
    const ended = new AbortController();
    stream.closed.then(() => ended.abort());
    const signal = AbortSignal.any([ended.signal, this.#stop.signal]);
    void this.#relay(stream, reply, subscription, { told: after, compactions: 0 }, signal);
    return stream;
  }

  close(): void {
    this.#stop.abort();
  }

  async #relay(
    stream: SseStream,
    reply: FastifyReply,
    { id }: Subscription,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    // Streams share the learners among them.
    const first = this.#turn++;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const learner = this.#learners[(first + attempt) % this.#learners.length];
      if (learner) {
        const end = await this.#readFrom(learner, { stream, reply, id, progress, signal });
        if (end === "unsubscribed") stream.close();
      }
      const isRound = (attempt + 1) % Math.max(1, this.#learners.length) === 0;
      if (isRound && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }

  /** Reads from one learner for as long as it tells something. */
  async #readFrom(
    learner: RoleServer,
    relay: {
      readonly stream: SseStream;
      readonly reply: FastifyReply;
      readonly id: string;
      readonly progress: Progress;
      readonly signal: AbortSignal;
    },
  ): Promise<"unsubscribed" | "ended"> {
    const { stream, reply, id, progress, signal } = relay;
    const { faults, server, tuning } = this.#context;
    if (faults?.fateOf(server.node, learner.node) === "lost") return "ended";
    try {
      await readEvents({
        address: learner.address,
        path: `/subscriptions/${id}/events`,
        headers: { ...headersOf(this.#context), "last-event-id": String(progress.told) },
        signal,
        silenceMs: HEARTBEATS_MISSED * (tuning.heartbeatMs ?? HEARTBEAT_MS),
        onEvent: (event) => {
          if (faults?.isCut(server.node, learner.node)) return false;
          return this.#pass(stream, progress, event);
        },
        untilReady: () => untilWritable(reply, signal),
      });
      return "ended";
    } catch (error) {
      return error instanceof NoStream && error.code === "unknown-subscription" ? "unsubscribed" : "ended";
    }
  }

  /** @returns whether to go on with this learner */
  #pass(
    stream: SseStream,
    progress: Progress,
    { event = "message", id, data }: { event?: string | undefined; id?: string | undefined; data: string },
  ): boolean {
    const revision = Number(id);
    if (!Number.isSafeInteger(revision) || revision <= progress.told) return true;
    if (event === "compacted") {
      progress.compactions++;
      // Another learner may know what this one forgot.
      if (progress.compactions < this.#learners.length) return false;
    }
    progress.compactions = 0;
    progress.told = revision;
    return stream.send({ event, id: revision, data });
  }
}

/** Waits until the reader has taken what was written. */
async function untilWritable({ raw }: FastifyReply, signal: AbortSignal): Promise<void> {
  if (!raw.writableNeedDrain || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      raw.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    raw.on("drain", done);
    signal.addEventListener("abort", done);
  });
}
