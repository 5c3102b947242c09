import { Driver, type LogMessage, type NodeId } from "@synod/consensus";
import { expect } from "vitest";
import { Gateway, type GatewayOptions, type GatewayReply, type GatewayRequest, parseEnvelope } from "../src/index.ts";

type Without<T, Name extends string> = T extends unknown ? Omit<T, Name> : never;
type OutcomeOfAny = Without<(LogMessage & { readonly type: "submitted" })["outcomes"][number], "requestId">;
type Write = GatewayRequest & { readonly kind: "write" };

/** A gateway with one proposer and one learner, for which the test speaks. */
export class Stage {
  readonly letters: { readonly to: NodeId; readonly message: LogMessage }[] = [];
  readonly timers = new Map<string, number>();
  readonly replies = new Map<string, GatewayReply>();
  readonly #driver: Driver<LogMessage, never, GatewayRequest, GatewayReply>;
  #clients = 0;
  #isMoment = false;

  constructor(options: Partial<GatewayOptions> = {}) {
    const newClientId = () => `client-${++this.#clients}`;
    this.#driver = new Driver(new Gateway({ proposers: ["p1"], learners: ["l1"], newClientId, ...options }), {
      send: (to, message) => this.letters.push({ to, message }),
      reply: (requestId, reply) => this.replies.set(requestId, reply),
      setTimer: (timer, afterMs) => {
        if (afterMs === null) this.timers.delete(timer);
        else this.timers.set(timer, afterMs);
      },
      apply: () => {},
    });
  }

  write(requestId: string, label: string | null = null, session: Write["session"] = null, timeoutMs = 1000) {
    this.#ask(requestId, { kind: "write", operation: requestId, label, session, timeoutMs });
  }

  read(
    requestId: string,
    level: "eventual" | "session" | "strong",
    label: string | null = null,
    token: number | null = null,
  ) {
    this.#ask(requestId, { kind: "read", query: {}, level, label, token, timeoutMs: 1000 });
  }

  openSession(requestId: string, client: string): void {
    this.#ask(requestId, { kind: "open-session", client, timeoutMs: 1000 });
  }

  #ask(requestId: string, command: GatewayRequest): void {
    this.#driver.step({ kind: "propose", requestId, command });
    if (!this.#isMoment) this.endMoment();
  }

  /** What begins in here begins in one moment. */
  moment(begin: () => void): void {
    this.#isMoment = true;
    begin();
    this.#isMoment = false;
    this.endMoment();
  }

  /** What has begun leaves now. */
  endMoment(): void {
    if (this.timers.has("moment")) this.fire("moment");
  }

  fire(timer: string): void {
    expect(this.timers.delete(timer), timer).toBe(true);
    this.#driver.step({ kind: "timeout", timer });
  }

  /** Every request that was submitted and not answered yet, oldest first. */
  get submitted() {
    return this.letters.flatMap(({ message }) =>
      message.type === "submit"
        ? message.requests.map((request) => ({ ...request, submission: message.submission }))
        : [],
    );
  }

  /** The envelopes of what was submitted. */
  get envelopes() {
    return this.submitted.map(({ value }) => parseEnvelope(value));
  }

  /** The proposer says that the n-th request (from 0) was applied. */
  applied(place: number, slot: number, result: object): void {
    const cost = { messages: 14, sharedBy: 1 };
    this.#came(place, { kind: "applied", slot, result: JSON.stringify(result), cost });
  }

  /** The proposer has too much to do for the n-th request. */
  refused(place: number): void {
    this.#came(place, { kind: "refused", reason: "overloaded", leader: null });
  }

  #came(place: number, how: OutcomeOfAny): void {
    const request = this.submitted[place];
    expect(request).toBeDefined();
    const outcomes = [{ requestId: request?.requestId ?? "", ...how }];
    const message = { type: "submitted", submission: request?.submission ?? 0, outcomes } as const;
    this.#driver.step({ kind: "message", from: "p1", message });
  }

  /** The learner answers the last question. */
  answered(slot: number): void {
    const query = this.letters.at(-1)?.message;
    expect(query?.type).toBe("query");
    const requestId = query?.type === "query" ? query.requestId : "";
    const message = { type: "query-answer", requestId, slot, answers: ["[]"] } as const;
    this.#driver.step({ kind: "message", from: "l1", message });
  }

  opened(): void {
    this.applied(0, 1, { kind: "opened", openedAt: 1 });
    this.endMoment();
  }
}
