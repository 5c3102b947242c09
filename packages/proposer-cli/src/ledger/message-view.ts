import type { Node } from "../cluster/settings.js";
import { jsonIn } from "../http-exchange.js";
import type { Prompt } from "../terminal/prompt.js";
import type { OwnServer } from "./own-server.js";
import { type MessageSeen, messageText } from "./server-texts.js";

/** Shows the messages that a server sends and gets, as they come. */
export class MessageView {
  readonly #server: OwnServer;
  readonly #roles: ReadonlySet<string>;
  readonly #prompt: Prompt;
  readonly #json: boolean;
  #watching: AbortController | null = null;

  constructor(server: OwnServer, node: Node, prompt: Prompt, json: boolean) {
    this.#server = server;
    this.#roles = new Set(node.roles.map(({ name }) => name));
    this.#prompt = prompt;
    this.#json = json;
  }

  /** Begins to show them, or stops. @returns what it does now, for people */
  toggle(): string {
    if (this.#watching !== null) {
      this.close();
      return "Messages are no longer shown";
    }
    this.#watching = new AbortController();
    void this.#watch(this.#watching.signal);
    return "Messages are shown from now on, without heartbeats and what only tells who is how far; debug stops it";
  }

  close(): void {
    this.#watching?.abort();
    this.#watching = null;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    try {
      for await (const { event, data } of this.#server.events(signal)) {
        const message = jsonIn(data) as MessageSeen | undefined;
        if (event !== "message" || !message || !this.#isShown(message)) continue;
        this.#prompt.tell(this.#json ? JSON.stringify({ message }) : messageText(message));
      }
    } catch (error) {
      if (!signal.aborted) this.#prompt.note(`messages are no longer shown: ${(error as Error).message}`);
    }
    if (!signal.aborted) this.#watching = null;
  }

  #isShown({ from, to, type, count }: MessageSeen): boolean {
    const isOwn = this.#roles.has(from) || this.#roles.has(to);
    return isOwn && count !== 0 && !type.startsWith("heartbeat");
  }
}
