import type { SessionLimits } from "../src/index.ts";
import type { LogValue } from "./any-log.ts";
import { touchedBy } from "./tape.ts";

interface NaiveSession {
  readonly client: string;
  readonly openedAt: number;
  lastUsed: number;
  firstUnacknowledged: number;
  /** Every reply there ever was. */
  readonly replies: { readonly sequence: number; readonly reply: string }[];
}

/** The rules of sessions, written as one would say them: nothing is counted, ordered or forgotten in advance. */
export class NaiveSessions {
  readonly #limits: SessionLimits;
  #sessions: NaiveSession[] = [];
  /** What was carried out, in order. */
  readonly carriedOut: string[] = [];

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  apply(slot: number, value: LogValue): string {
    if (value.kind === "no-op") return '{"kind":"no-op"}';
    if (value.kind === "foreign") return '{"kind":"not-a-command"}';
    if (value.kind === "commands") return this.#commands(slot, value);
    const session = this.#sessions.find(({ client }) => client === value.client);
    if (value.kind === "open-session") {
      if (session) session.lastUsed = slot;
      else {
        const { client } = value;
        this.#sessions.push({ client, openedAt: slot, lastUsed: slot, firstUnacknowledged: 2, replies: [] });
        this.#expire(slot);
      }
      return `{"kind":"opened","openedAt":${session?.openedAt ?? slot}}`;
    }
    if (session?.openedAt !== value.openedAt) return '{"kind":"session-expired"}';
    session.lastUsed = slot;
    session.firstUnacknowledged = Math.max(session.firstUnacknowledged, value.firstUnacknowledged);
    return this.#command(slot, value, session);
  }

  #commands(slot: number, { operations, sequence, ...place }: LogValue & { kind: "commands" }): string {
    if (new Set(operations.map(touchedBy)).size < operations.length) return '{"kind":"not-a-command"}';
    const results = operations.map((operation, index) =>
      this.apply(slot, { ...place, kind: "command", sequence: sequence + index, operation }),
    );
    return `{"kind":"results","results":[${results.join(",")}]}`;
  }

  #command(slot: number, value: LogValue & { kind: "command" }, session: NaiveSession): string {
    const { sequence, operation } = value;
    if (sequence < session.firstUnacknowledged) return '{"kind":"superseded"}';
    const known = session.replies.find((one) => one.sequence === sequence);
    if (known) return known.reply;
    const kept = this.#kept(session);
    const isFull = kept.length >= this.#limits.replies || charactersOf(kept) * 2 >= this.#limits.replyCharacters;
    const isTooFar = sequence >= session.firstUnacknowledged + this.#limits.sequencesAhead;
    if (isTooFar || (isFull && sequence > session.firstUnacknowledged)) return '{"kind":"window-exceeded"}';
    this.carriedOut.push(operation);
    const reply = JSON.stringify({ kind: "result", result: { place: this.carriedOut.length, text: operation } });
    session.replies.push({ sequence, reply });
    this.#expire(slot);
    return reply;
  }

  #kept(session: NaiveSession) {
    return session.replies.filter(({ sequence }) => sequence >= session.firstUnacknowledged);
  }

  #expire(slot: number): void {
    for (;;) {
      const kept = this.#sessions.flatMap((session) => this.#kept(session));
      const { sessions, replies, replyCharacters } = this.#limits;
      const fits = this.#sessions.length <= sessions && kept.length <= replies && charactersOf(kept) <= replyCharacters;
      const others = this.#sessions.filter(({ lastUsed }) => lastUsed !== slot);
      if (fits || others.length === 0) return;
      const oldest = Math.min(...others.map(({ lastUsed }) => lastUsed));
      this.#sessions = this.#sessions.filter(({ lastUsed }) => lastUsed !== oldest);
    }
  }

  get sessionCount(): number {
    return this.#sessions.length;
  }

  get replyCount(): number {
    return this.#sessions.flatMap((session) => this.#kept(session)).length;
  }
}

function charactersOf(replies: readonly { readonly reply: string }[]): number {
  return replies.reduce((sum, { reply }) => sum + reply.length, 0);
}
