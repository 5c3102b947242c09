import type { LogMessage, NodeId } from "@synod/consensus";
import { noAnswer } from "./no-answer.js";
import type { Hear, Peer } from "./peers.js";

/** A participant in this very process: no network lies between, and so no fault of one. */
export class LocalPeer implements Peer {
  readonly #name: NodeId;
  readonly #request: (message: LogMessage) => Promise<LogMessage>;
  readonly #hear: Hear;

  /** @param request puts a message to the other participant's host */
  constructor(name: NodeId, request: (message: LogMessage) => Promise<LogMessage>, hear: Hear) {
    this.#name = name;
    this.#request = request;
    this.#hear = hear;
  }

  send(message: LogMessage): void {
    this.#request(message).then(
      (reply) => this.#hear(this.#name, reply),
      () => {
        const told = noAnswer(message, "perhaps");
        if (told) this.#hear(this.#name, told);
      },
    );
  }

  async close(): Promise<void> {}
}
