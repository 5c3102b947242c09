import { signal } from "@preact/signals";
import type { ChatMessageReply, ChatSendReply } from "@synod/api";
import type { Cost } from "../../words/cost.js";
import type { Caller } from "./caller.js";
import type { Write } from "./numbered-writes.js";

/** A message of which the server has not said yet that it has it. */
export interface Unsent {
  readonly number: number;
  readonly to: string;
  readonly text: string;
  /** `failed`: it certainly was not sent. `unknown`: it may have been, and to send it again sends it once. */
  readonly state: "waiting" | "sending" | "failed" | "unknown";
  /** Why it is not sent; empty unless it failed, or nobody knows. */
  readonly why: string;
  readonly write: Write;
  /** The newest message of the conversation when its sending began. */
  readonly after: number;
}

/** What a message cost that was sent from here. */
export interface Sent {
  readonly slot: number;
  readonly cost: Cost;
}

/** Messages that wait at most. */
export const MOST_UNSENT = 50;
/** Messages whose cost is remembered at most. */
const MOST_COSTS = 500;

/** What is sent from here: one message after the other, so that they arrive in the order in which they were typed. */
export class Outbox {
  readonly #caller: Caller;
  readonly #onSent: (message: ChatMessageReply) => void;
  readonly unsent = signal<readonly Unsent[]>([]);
  /** By the id of the message. */
  readonly costs = signal<ReadonlyMap<number, Sent>>(new Map());
  #isSending = false;
  #lastNumber = 0;

  constructor(caller: Caller, onSent: (message: ChatMessageReply) => void) {
    this.#caller = caller;
    this.#onSent = onSent;
  }

  /** @param after the newest message of the conversation so far; 0 if it has none */
  async send(to: string, text: string, after: number): Promise<void> {
    const write = this.#caller.write("/chat/messages", { to, text });
    const entry = { number: ++this.#lastNumber, to, text, state: "waiting", why: "", write, after } as const;
    this.unsent.value = [...this.unsent.value, entry];
    await this.#sendAll();
  }

  /** Sends once more what failed, or what nobody knows of. */
  async sendAgain(number: number): Promise<void> {
    this.#change(number, { state: "waiting", why: "" });
    await this.#sendAll();
  }

  /** Forgets it. What may have been sent stays so. */
  discard(number: number): void {
    for (const { write } of this.unsent.value.filter((one) => one.number === number)) this.#caller.forget(write);
    this.unsent.value = this.unsent.value.filter((one) => one.number !== number);
  }

  /** Forgets all that is not sent. */
  discardAll(): void {
    for (const { number } of this.unsent.value) this.discard(number);
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#next(); next; next = this.#next()) await this.#sendOne(next);
    this.#isSending = false;
  }

  #next(): Unsent | undefined {
    return this.unsent.value.find(({ state }) => state === "waiting");
  }

  async #sendOne({ number, write }: Unsent): Promise<void> {
    this.#change(number, { state: "sending" });
    const outcome = await this.#caller.carryOut<ChatSendReply>(write);
    if (outcome.kind === "failed") {
      this.#change(number, { state: outcome.mayHaveHappened ? "unknown" : "failed", why: outcome.why });
      return;
    }
    const { message, slot, cost } = outcome.body;
    this.costs.value = new Map([...this.costs.value, [message.id, { slot, cost }] as const].slice(-MOST_COSTS));
    this.unsent.value = this.unsent.value.filter((one) => one.number !== number);
    this.#onSent(message);
  }

  #change(number: number, change: Partial<Unsent>): void {
    this.unsent.value = this.unsent.value.map((one) => (one.number === number ? { ...one, ...change } : one));
  }
}

/** Those to this user, but one that is there already, though the server has not yet answered so. */
export function unsentTo(peer: string, unsent: readonly Unsent[], messages: readonly ChatMessageReply[]): Unsent[] {
  const isThere = ({ text, after }: Unsent) =>
    messages.some((message) => message.to === peer && message.id > after && message.text === text);
  return unsent.filter((one) => one.to === peer && !(one.state === "sending" && isThere(one)));
}
