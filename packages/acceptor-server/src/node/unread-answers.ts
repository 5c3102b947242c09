import type { Socket } from "node:net";
import type { ConnectionLimits } from "./connections.js";
import { HeldBytes, type HeldExchange } from "./held-bytes.js";

/** What waited on a connection when it last moved, and when that was. */
interface Standstill {
  readonly bytes: number;
  readonly since: number;
}

/** What was answered and is not read: bounded in time for each reader, and in bytes for all. */
export class UnreadAnswers {
  readonly #unreadMs: number;
  readonly #large: HeldBytes;
  readonly #standstills = new Map<Socket, Standstill>();

  constructor({ unreadMs, answerBytes }: Pick<ConnectionLimits, "unreadMs" | "answerBytes">) {
    this.#unreadMs = unreadMs;
    this.#large = new HeldBytes(answerBytes);
  }

  /** Counts a large answer. @returns those that have to give way to it, the oldest first */
  hold(response: HeldExchange, bytes: number): HeldExchange[] {
    const giveWay = this.#large.takeOldest(bytes);
    this.#large.add(response, bytes);
    return giveWay;
  }

  /** Those of these connections from which nothing was read for too long. To be asked again and again. */
  stuck(sockets: Iterable<Socket>, now: number): Socket[] {
    const stuck: Socket[] = [];
    for (const socket of sockets) {
      if (socket.writableLength === 0) {
        this.#standstills.delete(socket);
        continue;
      }
      const bytes = unsentBytes(socket);
      const before = this.#standstills.get(socket);
      if (before?.bytes !== bytes) this.#standstills.set(socket, { bytes, since: now });
      else if (now - before.since >= this.#unreadMs) stuck.push(socket);
    }
    this.#forgetClosed();
    return stuck;
  }

  #forgetClosed(): void {
    for (const socket of this.#standstills.keys()) if (socket.destroyed) this.#standstills.delete(socket);
  }
}

/**
 * What waits in this process to be sent: what Node has not handed on yet, and what the system has not taken of what it was
 * handed. The second part shrinks while somebody reads one long answer slowly; Node goes by it in its own time-outs.
 */
function unsentBytes(socket: Socket & { _handle?: { writeQueueSize?: number } | null }): number {
  return socket.writableLength + (socket._handle?.writeQueueSize ?? 0);
}
