import { signal } from "@preact/signals";
import type { ChatConversationsReply } from "@synod/api";
import { type Caller, get, whyNot } from "./caller.js";

/** Conversations that are shown at first, and that are added on demand. */
const SOME = 50;
/** What a server lists at a time. Who has more finds the others by the names of whom they are with. */
const MOST = 500;
/** How soon the list is read again after it was, in milliseconds, however fast messages come. */
const EVERY_MS = 200;

/**
 * Whom one speaks with, and what is unread. It is read from the server after whatever changes it, and not worked out from the
 * changes: what is shown is a state that there was, however often the page was cut off meanwhile.
 */
export class Conversations {
  readonly #caller: Caller;
  readonly list = signal<ChatConversationsReply | null>(null);
  /** Why the list is old or not there; null if it is as it should be. */
  readonly trouble = signal<string | null>(null);
  #limit = SOME;
  #isReading = false;
  #isStale = false;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  get canShowMore(): boolean {
    return this.list.value?.next != null && this.#limit < MOST;
  }

  /** Reads the list, and once more if it changed while it was read. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale) {
      this.#isStale = false;
      const outcome = await this.#caller.ask<ChatConversationsReply>(
        get("/chat/conversations", { limit: this.#limit }),
      );
      if (outcome.kind === "answered") this.list.value = outcome.body;
      this.trouble.value = outcome.kind === "answered" ? null : whyNot(outcome);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    this.#isReading = false;
  }

  /** Lists more of them. */
  showMore(): Promise<void> {
    this.#limit = Math.min(MOST, this.#limit + SOME);
    return this.refresh();
  }
}
