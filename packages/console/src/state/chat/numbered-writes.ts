import type { OpenSessionReply, Problem } from "@synod/api";
import { drawn } from "../../server/drawn.js";
import type { Outcome, Request } from "../../server/outcome.js";
import { whyNot } from "./caller.js";

/** How requests are sent; a test has a stand-in. */
export type Send = <Body>(request: Request) => Promise<Outcome<Body>>;

/** Something that is to happen once, however often it is sent. */
export interface Write {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The token of the login in whose name it is done, if it is in anybody's. */
  readonly login?: string;
}

/** What came of a write. */
export type WriteOutcome<Body> =
  | { readonly kind: "done"; readonly body: Body }
  | {
      readonly kind: "failed";
      /** Whether it may have happened, or may still: then it may be sent again, and happens once all the same. */
      readonly mayHaveHappened: boolean;
      /** What the server said; null if it said nothing. */
      readonly problem: Problem | null;
      /** Whole sentences. */
      readonly why: string;
    };

interface Session {
  readonly client: string;
  readonly openedAt: number;
  next: number;
  /** Numbers whose outcome is not known: the replicas keep what came of them. */
  readonly open: Set<number>;
}

interface Attempt {
  readonly session: Session;
  readonly sequence: number;
}

/** How many numbers a session may be ahead of its lowest open one: the replicas refuse what is 1024 ahead. */
const MOST_AHEAD = 1000;

/** A name of a session that nobody else has, in bytes. */
const NAME_BYTES = 18;

/**
 * The writes of this page, each with one number for life in a session that it opens with the first one (Ongaro's thesis
 * §6.3): a write that is sent again happens once.
 */
export class NumberedWrites {
  readonly #send: Send;
  #client = drawn(NAME_BYTES);
  #session: Session | null = null;
  /** Of writes that may have happened. */
  readonly #attempts = new WeakMap<Write, Attempt>();

  constructor(send: Send) {
    this.#send = send;
  }

  /** Sends a write, which may be one that was sent before. */
  async carryOut<Body>(write: Write): Promise<WriteOutcome<Body>> {
    const before = this.#attempts.get(write);
    const session = before?.session ?? this.#withRoom() ?? (await this.#open());
    if ("kind" in session) return { ...failureOf(session), mayHaveHappened: false };
    const sequence = before?.sequence ?? session.next++;
    session.open.add(sequence);
    const { client, openedAt } = session;
    const position = { client, openedAt, sequence, firstUnacknowledged: Math.min(...session.open) };
    const { path, body, login } = write;
    const outcome = await this.#send<Body>({
      method: "POST",
      path,
      body: { ...body, session: position },
      ...(login === undefined ? {} : { login }),
    });
    const may = mayHaveHappened(outcome, before !== undefined);
    if (outcome.kind === "refused" && outcome.problem.code === "session-expired") this.#expire(write, session);
    else if (may) this.#attempts.set(write, { session, sequence });
    else this.#settle(write, session, sequence);
    return outcome.kind === "answered"
      ? { kind: "done", body: outcome.body }
      : { ...failureOf(outcome), mayHaveHappened: may };
  }

  /** Nobody will send this write again. */
  forget(write: Write): void {
    const attempt = this.#attempts.get(write);
    if (attempt) this.#settle(write, attempt.session, attempt.sequence);
  }

  /** The session, unless a write of which nobody knows holds up too many after it. */
  #withRoom(): Session | null {
    const session = this.#session;
    if (session && session.next - Math.min(session.next, ...session.open) >= MOST_AHEAD) this.#session = null;
    return this.#session;
  }

  #settle(write: Write, session: Session, sequence: number): void {
    session.open.delete(sequence);
    this.#attempts.delete(write);
  }

  /** Its numbers mean nothing any more: what is sent again is another write. */
  #expire(write: Write, session: Session): void {
    this.#attempts.delete(write);
    if (this.#session === session) this.#session = null;
  }

  /** Under the same name until it worked: to open it twice is to open it once. */
  async #open(): Promise<Session | Exclude<Outcome<unknown>, { kind: "answered" }>> {
    const client = this.#client;
    const outcome = await this.#send<OpenSessionReply>({ method: "POST", path: "/chat/sessions", body: { client } });
    if (outcome.kind !== "answered") return outcome;
    // Somebody else may have waited for the same session.
    if (this.#session?.client === client) return this.#session;
    const { openedAt, firstSequence } = outcome.body;
    this.#client = drawn(NAME_BYTES);
    this.#session = { client, openedAt, next: firstSequence, open: new Set() };
    return this.#session;
  }
}

/** What the chat itself says of a write, whichever of its copies came through. */
const RESULTS: readonly string[] = ["username-taken", "no-such-recipient", "incorrect-password", "chat-full"];

/** Whether nobody knows. @param before whether nobody knew before it was sent this time */
function mayHaveHappened(outcome: Outcome<unknown>, before: boolean): boolean {
  if (outcome.kind === "answered") return false;
  if (outcome.kind === "silent") return true;
  const { code, definite } = outcome.problem;
  // Of an earlier copy, "this one had no effect" says nothing.
  return !definite || (before && !RESULTS.includes(code));
}

function failureOf(outcome: Exclude<Outcome<unknown>, { kind: "answered" }>) {
  const problem = outcome.kind === "refused" ? outcome.problem : null;
  return { kind: "failed", problem, why: whyNot(outcome) } as const;
}
