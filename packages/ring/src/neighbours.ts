import { headersBetweenNodes } from "@synod/acceptor-server";
import { nodeHttpTransport, type Transport } from "@synod/client";
import type { NodeId, RingMessage } from "@synod/consensus";
import type { RingHosts } from "./hosts-file.js";

export const MESSAGES_PATH = "/ring/messages";

/** How long a message may take to be heard, in milliseconds. Later it is lost, and whoever sent it sends it again. */
const WITHIN_MS = 1000;

/** The ways from one member of a ring to all others: each message is a request of its own. */
export class Neighbours {
  readonly #own: NodeId;
  readonly #transports: ReadonlyMap<NodeId, Transport>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onLost: (to: NodeId, message: RingMessage) => void;

  /** @param onLost hears of each message that was certainly or probably not heard */
  constructor(
    { hosts, clusterId }: RingHosts,
    own: NodeId,
    secret: string | undefined,
    onLost: (to: NodeId, message: RingMessage) => void,
  ) {
    this.#own = own;
    this.#onLost = onLost;
    const others = hosts.filter(({ name }) => name !== own);
    this.#transports = new Map(others.map(({ name, address }) => [name, nodeHttpTransport(address)]));
    this.#headers = {
      ...headersBetweenNodes(own, clusterId),
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      "content-type": "application/json",
    };
  }

  /** Sends a message, or loses it. Never throws. */
  send(to: NodeId, message: RingMessage): void {
    const transport = this.#transports.get(to);
    if (transport === undefined) return;
    const body = JSON.stringify({ from: this.#own, to, message });
    const request = {
      method: "POST",
      path: MESSAGES_PATH,
      headers: this.#headers,
      body,
      timeoutMs: WITHIN_MS,
    } as const;
    transport.exchange(request).then(
      ({ status }) => {
        if (status >= 300) this.#onLost(to, message);
      },
      () => this.#onLost(to, message),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }
}
