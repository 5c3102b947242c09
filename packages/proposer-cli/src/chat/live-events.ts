import type { ChatLogin, ChatLoginEvent, ChatMessage, StreamConnection } from "@synod/client";
import { StoreError } from "@synod/client";
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
  /** Ends the stream of the login that there is. */
  #end = new AbortController();
  /** Messages of one's own that came while one was being sent here: which of them that is, its answer tells. */
  #held: ChatMessage[] | null = null;
  /** What was deleted here need not be told. */
  readonly #deletedHere = new Set<number>();
  #isLost = false;

  constructor(prompt: Prompt, terminal: Terminal, seat: Seat) {
    this.#prompt = prompt;
    this.#terminal = terminal;
    this.#seat = seat;
  }

  /** Listens for whoever logged in, in place of whoever was before. */
  begin(login: ChatLogin): void {
    this.end();
    // What comes from a file is answered, and no more.
    if (this.#prompt.isInteractive) void this.#listen(login, this.#end.signal);
  }

  end(): void {
    this.#end.abort();
    this.#end = new AbortController();
    this.#isLost = false;
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

  /** Those of this prompt whose news are still to come. */
  readonly #sentHere = new Set<number>();

  willDelete(ids: readonly number[]): void {
    for (const id of ids) this.#deletedHere.add(id);
  }

  async #listen(login: ChatLogin, signal: AbortSignal): Promise<void> {
    const onConnection = (connection: StreamConnection) => this.#tellConnection(connection);
    try {
      const events = login.events({ signal, onConnection, timeoutMs: AS_LONG_AS_IT_TAKES });
      for await (const event of events) if (!signal.aborted) this.#take(event);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!signal.aborted) this.#prompt.note(`no live messages any more: ${error.message}`);
    }
  }

  #tellConnection({ server, lost }: StreamConnection): void {
    if (lost !== null) this.#prompt.note(`lost ${server} (${lost}); looking for another node`);
    else if (this.#isLost) this.#prompt.note(`now at ${server}: nothing was missed`);
    this.#isLost = lost !== null;
  }

  #take(event: ChatLoginEvent): void {
    const me = this.#seat.login?.user;
    if (event.type === "message" && event.message.from === me && event.message.to !== me) {
      if (this.#held !== null) this.#held.push(event.message);
      else if (!this.#sentHere.delete(event.message.id)) this.#show(event);
      return;
    }
    if (event.type === "message") {
      this.#receive(event);
      return;
    }
    const isOwn =
      (event.type === "read" && event.by === me) ||
      (event.type === "deleted" &&
        event.conversations.every(({ ids }) => ids.every((id) => this.#deletedHere.delete(id))));
    if (!isOwn) this.#show(event);
    if (event.type === "logged-out") this.#seat.take(null);
    else void this.#countUnread();
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
