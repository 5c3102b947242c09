import { setTimeout as delay } from "node:timers/promises";
import {
  type ChatEvents,
  type ChatLogin,
  type ChatLoginEvent,
  type ChatMessage,
  StoreError,
  type StreamConnection,
} from "@synod/client";
import type { Prompt } from "../terminal/prompt.js";
import type { Terminal } from "../terminal/terminal.js";
import { eventText, messageText } from "./chat-text.js";
import type { Seat } from "./seat.js";

/** As long as somebody sits there, a node is looked for; in milliseconds. */
const AS_LONG_AS_IT_TAKES = 2 ** 31 - 1;

/** What happens while somebody sits at the prompt, told as it happens, above the line that is being typed. */
export class LiveEvents {
  readonly #prompt: Prompt;
  readonly #terminal: Terminal;
  readonly #seat: Seat;
  readonly #patienceMs: number;
  /** Ends the stream of the login that there is. */
  #end = new AbortController();
  /** Messages of one's own that came while one was being sent here: which of them that is, its answer tells. */
  #held: ChatMessage[] | null = null;
  /** Those of this prompt whose news are still to come: they need not be told. */
  readonly #sentHere = new Set<number>();
  /** What was deleted here need not be told, either. */
  readonly #deletedHere = new Set<number>();
  #isLost = false;

  /** @param patienceMs how long a request may take, in milliseconds */
  constructor(prompt: Prompt, terminal: Terminal, seat: Seat, patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.#prompt = prompt;
    this.#terminal = terminal;
    this.#seat = seat;
  }

  /**
   * Listens for whoever logged in, in place of whoever was before. Resolves once nothing is missed any more, or after the time
   * that a request may take: the stream may come later.
   */
  async begin(login: ChatLogin): Promise<void> {
    this.end();
    // What comes from a file is answered, and no more.
    if (!this.#prompt.isInteractive) return;
    const { signal } = this.#end;
    const onConnection = (connection: StreamConnection) => this.#tellConnection(connection);
    const events = login.events({ signal, onConnection, timeoutMs: AS_LONG_AS_IT_TAKES });
    void this.#listen(events, signal);
    // What came between the log-in and this is counted, at least.
    const started = events.started.then(() => this.#countUnread()).catch(() => {});
    const late = new AbortController();
    const tooLate = delay(this.#patienceMs, undefined, { signal: late.signal, ref: false }).catch(() => {});
    await Promise.race([started, tooLate]);
    late.abort();
  }

  end(): void {
    this.#end.abort();
    this.#end = new AbortController();
    this.#isLost = false;
    this.#sentHere.clear();
    this.#deletedHere.clear();
  }

  /** Has a message sent, which is not told as news here. */
  async whileSending(send: () => Promise<ChatMessage>): Promise<ChatMessage> {
    this.#held = [];
    let sent: ChatMessage | null = null;
    try {
      sent = await send();
      return sent;
    } finally {
      const held = this.#held;
      this.#held = null;
      for (const message of held) if (message.id !== sent?.id) this.#show({ type: "message", message });
      if (sent !== null && !held.some(({ id }) => id === sent?.id)) this.#sentHere.add(sent.id);
    }
  }

  willDelete(ids: readonly number[]): void {
    for (const id of ids) this.#deletedHere.add(id);
  }

  async #listen(events: ChatEvents, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of events) if (!signal.aborted) this.#take(event);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!signal.aborted) this.#prompt.note(`no live messages any more: ${error.message}`);
    }
  }

  #tellConnection({ server, lost }: StreamConnection): void {
    if (lost !== null) this.#prompt.note(`${lost}; looking for another node`);
    else this.#prompt.note(this.#isLost ? `now at ${server}: nothing was missed` : `listening at ${server}`);
    this.#isLost = lost !== null;
  }

  #take(event: ChatLoginEvent): void {
    const { user: me = "" } = this.#seat.login ?? {};
    if (event.type === "message" && event.message.from !== me) {
      this.#receive(event);
      return;
    }
    if (event.type === "message") this.#takeOwn(event);
    else if (this.#isNews(event, me)) this.#show(event);
    if (event.type === "logged-out") this.#seat.take(null);
    else if (event.type !== "message") void this.#countUnread();
  }

  #takeOwn(event: ChatLoginEvent & { readonly type: "message" }): void {
    const { message } = event;
    // First: the news of one message may come while the next one is being sent.
    if (this.#sentHere.delete(message.id)) return;
    if (this.#held !== null) this.#held.push(message);
    else this.#show(event);
  }

  /** Whether somebody is to be told: not of what was done here, nor that somebody reads what is not open. */
  #isNews(event: ChatLoginEvent, me: string): boolean {
    if (event.type === "read") return event.by !== me && event.by === this.#seat.openWith;
    if (event.type !== "deleted") return true;
    const ids = event.conversations.flatMap((one) => one.ids);
    return ids.filter((id) => !this.#deletedHere.delete(id)).length > 0;
  }

  /** A message for this user: what is in the conversation that is open has been read. */
  #receive(event: ChatLoginEvent & { readonly type: "message" }): void {
    const { from, id } = event.message;
    this.#show(event);
    if (from === this.#seat.openWith) void this.#markRead(id);
    else this.#seat.nowUnread(this.#seat.unread + 1);
  }

  async #markRead(id: number): Promise<void> {
    try {
      const { unread } = (await this.#seat.login?.markRead([id])) ?? {};
      if (unread !== undefined) this.#seat.nowUnread(unread);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#prompt.note(`#${id} may be unread still: ${error.message}`);
    }
  }

  async #countUnread(): Promise<void> {
    try {
      const page = await this.#seat.login?.unread({ limit: 1 });
      if (page) this.#seat.nowUnread(page.unread);
    } catch (error) {
      // It is a number in the prompt: the next event brings another one.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  #show(event: ChatLoginEvent): void {
    const { user = "" } = this.#seat.login ?? {};
    const { json, colors } = this.#terminal;
    if (json) this.#prompt.tell(JSON.stringify({ event }));
    else this.#prompt.tell(this.#textOf(event, user, colors));
  }

  #textOf(event: ChatLoginEvent, user: string, colors: Terminal["colors"]): string {
    const now = Date.now();
    if (event.type !== "message") return colors.dim(eventText(event, user, colors, now));
    const { from, to } = event.message;
    const isOpen = this.#seat.openWith === (from === user ? to : from);
    return isOpen
      ? messageText({ ...event.message, read: true }, user, colors, now)
      : eventText(event, user, colors, now);
  }
}
