import type { LogMessage, NodeId } from "@synod/consensus";

/** Tells a participant what another one answered. */
export type Hear = (from: NodeId, message: LogMessage) => void;

/** The way from one participant to another. */
export interface Peer {
  /** Sends a message, or loses it: what comes of it, if anything, is told to the participant. Never throws. */
  send(message: LogMessage): void;
  close(): Promise<void>;
}

/** All that a participant can send to, by name. */
export class Peers {
  readonly #byName: ReadonlyMap<NodeId, Peer>;

  constructor(byName: ReadonlyMap<NodeId, Peer>) {
    this.#byName = byName;
  }

  /** To somebody unknown nothing is sent: who asked has gone. */
  send(to: NodeId, message: LogMessage): void {
    this.#byName.get(to)?.send(message);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((peer) => peer.close()));
  }
}
