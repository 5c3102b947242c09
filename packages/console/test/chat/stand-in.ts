import { type ChatMessageReply, type ErrorCode, problem } from "@synod/api";
import type { Outcome, Request } from "../../src/server/outcome.ts";
import type { Caller } from "../../src/state/chat/caller.ts";
import { NumberedWrites, type Send, type Write } from "../../src/state/chat/numbered-writes.ts";

/** What a server answers: a body, the code of an error, or nothing at all. */
export type Said = { readonly body: unknown } | { readonly error: ErrorCode } | "silence";

/** A server that says what a test tells it to, in that order; a request waits until there is something to say. */
export class StandIn implements Caller {
  readonly user = "alice";
  readonly asked: Request[] = [];
  readonly #answers: Said[] = [];
  #waiting: ((said: Said) => void)[] = [];
  readonly #writes = new NumberedWrites((what) => this.request(what));

  /** Says this to the request that waits longest, or to the next one. */
  say(...said: Said[]): void {
    for (const one of said) {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(one);
      else this.#answers.push(one);
    }
  }

  readonly request: Send = async <Body>(what: Request): Promise<Outcome<Body>> => {
    this.asked.push(what);
    const next = this.#answers.shift();
    const said = next ?? (await new Promise<Said>((resolve) => this.#waiting.push(resolve)));
    if (said === "silence") return { kind: "silent", why: "no connection" };
    if ("body" in said) return { kind: "answered", status: 200, body: said.body as Body };
    const refusal = problem(said.error, "for a reason");
    return { kind: "refused", status: refusal.status, problem: { ...refusal } };
  };

  readonly ask = this.request;

  write(path: string, body: Readonly<Record<string, unknown>>): Write {
    return { path, body, login: "token" };
  }

  carryOut<Body>(write: Write) {
    return this.#writes.carryOut<Body>(write);
  }

  forget(write: Write): void {
    this.#writes.forget(write);
  }

  /** Where in its session each write stood, in the order in which they were sent: its number, and the first that is open. */
  get numbers(): readonly (readonly [sequence: number, firstUnacknowledged: number])[] {
    const positions = this.asked.map(({ body }) => (body as { session?: Position } | undefined)?.session);
    return positions.flatMap((one) => (one ? [[one.sequence, one.firstUnacknowledged] as const] : []));
  }
}

interface Position {
  readonly sequence: number;
  readonly firstUnacknowledged: number;
}

/** That a session is open. */
export const OPENED: Said = { body: { openedAt: 7, firstSequence: 2 } };

export const COST = { messages: 8, sharedBy: 1, ms: 2 };

export function message(id: number, more: Partial<ChatMessageReply> = {}): ChatMessageReply {
  return { id, from: "bob", to: "alice", text: `text ${id}`, time: 1000 + id, read: false, ...more };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
