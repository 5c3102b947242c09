import { invariant } from "@synod/consensus";
import type { ChatMessage } from "./operations.js";

/** The messages between two, or those that one keeps for oneself: in the order of their ids, which is the order of the log. */
export class Conversation {
  /** In the order of their names; the same name twice for one's own notes. */
  readonly users: readonly [string, string];
  readonly #messages: ChatMessage[] = [];
  /** How many each of them has not read, as `users`. */
  readonly #unread: [number, number] = [0, 0];

  constructor(one: string, other: string) {
    this.users = one < other ? [one, other] : [other, one];
  }

  get length(): number {
    return this.#messages.length;
  }

  get first(): ChatMessage | null {
    return this.#messages[0] ?? null;
  }

  get last(): ChatMessage | null {
    return this.#messages.at(-1) ?? null;
  }

  /** The ids of all messages, as they are now. */
  get ids(): readonly number[] {
    return this.#messages.map(({ id }) => id);
  }

  /** How many of the messages here this one of the two has not read. */
  unreadOf(user: string): number {
    return this.#unread[this.#sideOf(user)];
  }

  /** @throws {InvariantViolation} unless it is newer than all that are here */
  add(message: ChatMessage): void {
    invariant(message.id > (this.last?.id ?? 0), "messages of a conversation come in the order of the log");
    this.#messages.push(message);
    if (!message.read) this.#unread[this.#sideOf(message.to)]++;
  }

  /** @returns null if there is none with this id */
  message(id: number): ChatMessage | null {
    const found = this.#messages[this.#placeOf(id)];
    return found?.id === id ? found : null;
  }

  /** Its recipient has read this one, which must be there and unread. @returns it as it was */
  markRead(id: number): ChatMessage {
    const place = this.#placeOf(id);
    const message = this.#messages[place];
    invariant(message?.id === id && !message.read, "only what is there and unread is read");
    this.#messages[place] = { ...message, read: true };
    this.#unread[this.#sideOf(message.to)]--;
    return message;
  }

  /** Takes these out, all of which must be there. @returns them, in their order */
  remove(ids: ReadonlySet<number>): readonly ChatMessage[] {
    const removed: ChatMessage[] = [];
    // Whoever deletes mostly deletes the newest ones: those before the first that goes stay where they are.
    let kept = this.#placeOf([...ids].reduce((least, id) => Math.min(least, id), Number.MAX_SAFE_INTEGER));
    for (let place = kept; place < this.#messages.length; place++) {
      const message = this.#messages[place] as ChatMessage;
      if (ids.has(message.id)) removed.push(message);
      else this.#messages[kept++] = message;
    }
    invariant(removed.length === ids.size, "only messages that are there are taken out");
    this.#messages.length = kept;
    for (const { to, read } of removed) if (!read) this.#unread[this.#sideOf(to)]--;
    return removed;
  }

  /** The last messages below this id, in their order. @param limit how many at most */
  pageBefore(id: number, limit: number): readonly ChatMessage[] {
    const end = this.#placeOf(id);
    return this.#messages.slice(Math.max(0, end - limit), end);
  }

  #sideOf(user: string): 0 | 1 {
    invariant(this.users.includes(user), "a conversation is between its two");
    return this.users[0] === user ? 0 : 1;
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
