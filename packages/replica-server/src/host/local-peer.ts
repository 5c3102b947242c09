import { NotServed, RequestRefused } from "@synod/acceptor-server";
import { ERRORS } from "@synod/api";
import type { LogMessage, NodeId } from "@synod/consensus";
import { noAnswer } from "./no-answer.js";
import type { Hear, Peer } from "./peers.js";
import type { RoleHere } from "./roles-here.js";

export interface LocalPeerOptions {
  /** The peer's name. */
  readonly name: NodeId;
  /** The name of the role that sends. */
  readonly self: NodeId;
  /** Looks the peer up; null while it has not started. */
  readonly find: () => RoleHere | null;
  readonly hear: Hear;
  /** Hears of every message when it leaves. */
  readonly onSent?: (message: LogMessage) => void;
  /** Null while the process does its work; else what resolves once it goes on. */
  readonly whilePaused?: () => Promise<void> | null;
}

/** What waits for it happens once the step that sends is done. (`queueMicrotask` does the same at several times the cost.) */
const NOW = Promise.resolve();

/** A participant in this very process: no network lies between, and so no fault of one. */
export class LocalPeer implements Peer {
  readonly #options: LocalPeerOptions;
  #isClosed = false;

  constructor(options: LocalPeerOptions) {
    this.#options = options;
  }

  send(message: LogMessage): void {
    const { onSent, whilePaused } = this.#options;
    const paused = whilePaused?.();
    if (paused) {
      void paused.then(() => this.send(message));
      return;
    }
    if (this.#isClosed) return;
    onSent?.(message);
    // Not from inside the step that sends: what goes to other nodes at the same time has the longer way, and leaves first.
    void NOW.then(() => this.#give(message));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #give(message: LogMessage): void {
    const { self, find } = this.#options;
    const peer = find();
    if (peer === null) {
      this.#hearNothing(message, "certainly-not");
      return;
    }
    peer.request(message, self).then(
      (reply) => this.#hear(reply),
      (error) => this.#hearNothing(message, hadNoEffect(error, message) ? "certainly-not" : "perhaps"),
    );
  }

  #hear(reply: LogMessage): void {
    const { name, hear, whilePaused } = this.#options;
    const paused = whilePaused?.();
    if (paused) void paused.then(() => this.#hear(reply));
    else if (!this.#isClosed) hear(name, reply);
  }

  #hearNothing(message: LogMessage, arrived: "certainly-not" | "perhaps"): void {
    const told = noAnswer(message, arrived);
    if (told) this.#hear(told);
  }
}

/** Of a question that matters only if nobody is there, as for a peer in another process. */
function hadNoEffect(error: unknown, { type }: LogMessage): boolean {
  if (type === "query") return false;
  return (error instanceof RequestRefused || error instanceof NotServed) && ERRORS[error.code].definite;
}
