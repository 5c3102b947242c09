import { signal } from "@preact/signals";
import type {
  ChatConversationReply,
  ChatDeleteReply,
  ChatEvent,
  ChatMarkReadReply,
  ChatMessageReply,
} from "@synod/api";
import type { Outcome } from "../../server/outcome.js";
import { type Caller, get, whyNot } from "./caller.js";
import type { WriteOutcome } from "./numbered-writes.js";
import { EMPTY_THREAD, type Thread, taken, withOlder } from "./thread.js";

/** Messages of a page. */
const PAGE = 50;
/** Messages that one request names, at most. */
const MOST_IDS = 1000;

/** The conversation that is open: what is there, what of it was read, and what is chosen to be deleted. */
export class OpenThread {
  readonly peer: string;
  readonly #caller: Caller;
  readonly thread = signal<Thread>(EMPTY_THREAD);
  /** Whether its newest messages were read from the server. */
  readonly isLoaded = signal(false);
  /** Why they, or older ones, could not be read; null if they could. */
  readonly trouble = signal<string | null>(null);
  /** The first message that was new when the conversation was opened. */
  readonly firstNew = signal<number | null>(null);
  /** What is chosen, to be deleted; null while nothing is chosen at all. */
  readonly chosen = signal<ReadonlySet<number> | null>(null);
  /** Events since the page that is under way was asked for; null while none is. */
  #since: ChatEvent[] | null = null;
  /** Whether it must be read anew after the page that is under way. */
  #isStale = false;
  /** Messages that somebody sees at the moment. */
  #seen: ReadonlySet<number> = new Set();
  #isMarking = false;

  constructor(caller: Caller, peer: string) {
    this.#caller = caller;
    this.peer = peer;
  }

  /** Reads the newest messages, in place of all that is shown. */
  load(): Promise<void> {
    this.#isStale = true;
    return this.#page(null);
  }

  /** Adds older messages. */
  async loadOlder(): Promise<void> {
    const { older } = this.thread.value;
    if (older !== null) await this.#page(older);
  }

  /** Takes what the server tells by itself. */
  take(event: ChatEvent): void {
    this.#since?.push(event);
    this.#set(taken(this.thread.value, event, this.#caller.user, this.peer));
  }

  /** A message of one's own that the server has. */
  takeSent(message: ChatMessageReply): void {
    this.firstNew.value = null;
    this.take({ type: "message", message });
  }

  /** Somebody sees these messages now, and no others: those that were sent to them count as read. */
  see(ids: ReadonlySet<number>): void {
    this.#seen = ids;
    void this.markSeen();
  }

  /** Tells the server what was read, unless it knows. What cannot be told now is told with the next call. */
  async markSeen(): Promise<void> {
    if (this.#isMarking) return;
    const ids = this.#unreadSeen();
    if (ids.length === 0) return;
    this.#isMarking = true;
    const write = this.#caller.write("/chat/read", { ids });
    const outcome = await this.#caller.carryOut<ChatMarkReadReply>(write);
    this.#caller.forget(write);
    this.#isMarking = false;
    if (outcome.kind === "failed") return;
    this.take({ type: "read", by: this.#caller.user, conversations: [{ from: this.peer, ids }] });
    await this.markSeen();
  }

  /** Begins to choose messages, or ends it. */
  choose(ids: ReadonlySet<number> | null): void {
    this.chosen.value = ids;
  }

  /** Deletes what is chosen, for both sides. */
  async deleteChosen(): Promise<WriteOutcome<ChatDeleteReply>> {
    const ids = [...(this.chosen.value ?? [])].slice(0, MOST_IDS);
    const write = this.#caller.write("/chat/delete", { ids });
    const outcome = await this.#caller.carryOut<ChatDeleteReply>(write);
    // To delete again what is gone does nothing: whoever asks again need not ask for the same.
    this.#caller.forget(write);
    if (outcome.kind === "done") {
      this.chosen.value = null;
      this.take({ type: "deleted", conversations: [{ with: this.peer, ids }] });
    }
    return outcome;
  }

  #unreadSeen(): readonly number[] {
    const { user } = this.#caller;
    return this.thread.value.messages
      .filter(({ id, to, read }) => !read && to === user && this.#seen.has(id))
      .map(({ id }) => id)
      .slice(0, MOST_IDS);
  }

  /** @param before null for the newest page, which replaces all */
  async #page(before: number | null): Promise<void> {
    if (this.#since !== null) return;
    this.#since = [];
    if (before === null) this.#isStale = false;
    const path = `/chat/conversations/${encodeURIComponent(this.peer)}`;
    const send = before === null ? this.#caller.ask : this.#caller.request;
    const outcome = await send<ChatConversationReply>(get(path, { before, limit: PAGE }));
    const since = this.#since;
    this.#since = null;
    this.#takePage(outcome, before === null, since);
    if (this.#isStale) await this.#page(null);
  }

  #takePage(outcome: Outcome<ChatConversationReply>, isNewest: boolean, since: readonly ChatEvent[]): void {
    if (outcome.kind !== "answered") {
      this.trouble.value = whyNot(outcome);
      if (outcome.kind === "refused" && outcome.problem.code === "no-such-user") {
        this.#set({ ...EMPTY_THREAD, isGone: true });
      }
      return;
    }
    const { messages, next } = outcome.body;
    const { user } = this.#caller;
    if (isNewest && !this.isLoaded.value) {
      this.firstNew.value = messages.find(({ to, from, read }) => to === user && from !== user && !read)?.id ?? null;
    }
    const paged = withOlder(isNewest ? EMPTY_THREAD : this.thread.value, messages, next);
    this.#set(since.reduce((thread, event) => taken(thread, event, user, this.peer), paged));
    if (isNewest) this.isLoaded.value = true;
    this.trouble.value = null;
  }

  #set(thread: Thread): void {
    if (thread === this.thread.value) return;
    this.thread.value = thread;
    const { chosen } = this;
    if (chosen.value === null) return;
    const ids = new Set(thread.messages.map(({ id }) => id));
    chosen.value = new Set([...chosen.value].filter((id) => ids.has(id)));
  }
}
