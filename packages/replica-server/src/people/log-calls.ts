import { RequestRefused } from "@synod/acceptor-server";
import type { GatewayReply, GatewayRequest, Json, ReadLevel, SessionPosition } from "@synod/state-machines";
import { readRefused, writeRefused } from "./refusals.js";

/** Asks the cluster on behalf of people. */
export interface GatewayHost {
  propose(request: GatewayRequest): Promise<GatewayReply>;
  /** Of each what came of it, or with what `propose` would have failed. Never rejects. */
  proposeAll(requests: readonly GatewayRequest[]): Promise<readonly (GatewayReply | Error)[]>;
}

/** What an answer cost: messages of the cluster, how many requests shared them, and the time it took here. */
interface CostInTime {
  readonly messages: number;
  readonly sharedBy: number;
  readonly ms: number;
}

export interface HowToWrite {
  readonly label: string | null;
  readonly session: SessionPosition | null;
  readonly timeoutMs: number;
}

/** One of several writes that have the rest in common. */
export interface WriteOfMany {
  readonly operation: Json;
  readonly session: SessionPosition | null;
}

export interface HowToRead {
  readonly level: ReadLevel;
  readonly label: string | null;
  readonly token: number | null;
  readonly timeoutMs: number;
}

export interface Written<Result> {
  readonly result: Result;
  readonly slot: number;
  readonly token: number;
  readonly cost: CostInTime;
}

export interface Answered<Answer> {
  readonly answer: Answer;
  readonly slot: number;
  readonly token: number;
  readonly learner: string;
  readonly cost: CostInTime;
}

/** The log as people's routes use it: whatever comes of a request that is no success is a `RequestRefused`. */
export class LogCalls {
  readonly #host: GatewayHost;
  readonly #howToSee: string;
  readonly #offersLevels: boolean;

  /**
   * @param howToSee for people: how they find out whether something was written that nobody answered for
   * @param offersLevels whether people can ask for a read at another level
   */
  constructor(host: GatewayHost, howToSee: string, offersLevels = true) {
    this.#host = host;
    this.#howToSee = howToSee;
    this.#offersLevels = offersLevels;
  }

  /**
   * Writes, and answers once a learner has applied it.
   *
   * @throws {RequestRefused} if it certainly did not happen, or nobody knows
   */
  async write(operation: Json, how: HowToWrite): Promise<Written<Json>> {
    const begin = performance.now();
    const { label, session, timeoutMs } = how;
    const reply = await this.#host.propose({ kind: "write", operation, label, session, timeoutMs });
    return this.#written(reply, begin);
  }

  /**
   * Writes all of these, each by itself, at the same time.
   *
   * @returns of each, in their order, what came of it, or with what `write` would have failed; it never rejects
   */
  async writeAll(
    writes: readonly WriteOfMany[],
    { label, timeoutMs }: Omit<HowToWrite, "session">,
  ): Promise<readonly (Written<Json> | Error)[]> {
    const begin = performance.now();
    const requests = writes.map(
      ({ operation, session }): GatewayRequest => ({ kind: "write", operation, label, session, timeoutMs }),
    );
    const replies = await this.#host.proposeAll(requests);
    const ms = since(begin);
    return replies.map((reply) => (reply instanceof Error ? reply : this.#outcome(reply, ms)));
  }

  /**
   * Opens a session for a client that numbers its writes itself.
   *
   * @throws {RequestRefused} as `write`
   */
  async openSession(client: string, timeoutMs: number): Promise<Written<{ readonly openedAt: number }>> {
    const begin = performance.now();
    const reply = await this.#host.propose({ kind: "open-session", client, timeoutMs });
    return this.#written(reply, begin) as Written<{ readonly openedAt: number }>;
  }

  /** @throws {RequestRefused} if it cannot be answered at this level, or is no question */
  async read(query: Json, how: HowToRead): Promise<Answered<Json>> {
    const begin = performance.now();
    const { level, label, token: seen, timeoutMs } = how;
    const reply = await this.#host.propose({ kind: "read", query, level, label, token: seen, timeoutMs });
    if (reply.kind === "written") throw new RequestRefused("internal", "a read was answered as a write");
    if (reply.kind !== "read") throw readRefused(reply, this.#offersLevels ? how.level : null);
    const { answer, slot, token, learner, cost } = reply;
    refuseIfNoQuestion(answer);
    return { answer, slot, token, learner, cost: inTime(cost, since(begin)) };
  }

  /** @throws {RequestRefused} if it is no success */
  #written(reply: GatewayReply, begin: number): Written<Json> {
    const outcome = this.#outcome(reply, since(begin));
    if (outcome instanceof RequestRefused) throw outcome;
    return outcome;
  }

  #outcome(reply: GatewayReply, ms: number): Written<Json> | RequestRefused {
    if (reply.kind === "read") return new RequestRefused("internal", "a write was answered as a read");
    if (reply.kind !== "written") return writeRefused(reply, this.#howToSee);
    const { result, slot, token, cost } = reply;
    return { result, slot, token, cost: inTime(cost, ms) };
  }
}

function inTime({ messages, sharedBy }: Omit<CostInTime, "ms">, ms: number): CostInTime {
  return { messages, sharedBy, ms };
}

/** @throws {RequestRefused} `bad-request` with what the machine says is wrong */
function refuseIfNoQuestion(answer: Json): void {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return;
  throw new RequestRefused("bad-request", String(answer.error));
}

/** Milliseconds since then, with microseconds as decimals. */
export function since(begin: number): number {
  return Math.round((performance.now() - begin) * 1000) / 1000;
}
