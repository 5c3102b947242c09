import { invariant } from "@synod/consensus";
import type { ChatMessage } from "./operations.js";

/** The messages between two, or those that one keeps for oneself: in the order of their ids, which is the order of the log. */
export class Conversation {
  /** In the order of their names; the same name twice for one's own notes. */
  readonly users: readonly [string, string];
  #messages: ChatMessage[] = [];

  constructor(one: string, other: string) {
    this.users = one < other ? [one, other] : [other, one];
  }

  get length(): number {
    return this.#messages.length;
  }

  get last(): ChatMessage | null {
    return this.#messages.at(-1) ?? null;
  }

  get all(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** @throws {InvariantViolation} unless it is newer than all that are here */
  add(message: ChatMessage): void {
    invariant(message.id > (this.last?.id ?? 0), "messages of a conversation come in the order of the log");
    this.#messages.push(message);
  }

  /** @returns null if there is none with this id */
  message(id: number): ChatMessage | null {
    const found = this.#messages[this.#placeOf(id)];
    return found?.id === id ? found : null;
  }

  /** Puts a message in the place of the one with its id, which must be there. */
  replace(message: ChatMessage): void {
    const place = this.#placeOf(message.id);
    invariant(this.#messages[place]?.id === message.id, "only a message that is there is replaced");
    this.#messages[place] = message;
  }

  /** Takes these out, all of which must be there. */
  remove(ids: ReadonlySet<number>): void {
    const left = this.#messages.filter(({ id }) => !ids.has(id));
    invariant(left.length === this.#messages.length - ids.size, "only messages that are there are taken out");
    this.#messages = left;
  }

  /** The last messages below this id, in their order. @param limit how many at most */
  pageBefore(id: number, limit: number): readonly ChatMessage[] {
    const end = this.#placeOf(id);
    return this.#messages.slice(Math.max(0, end - limit), end);
  }

  /** The place of the first message that is not older than this id. */
  #placeOf(id: number): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.id ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
