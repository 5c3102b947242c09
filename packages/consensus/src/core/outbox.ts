import type { NodeId, Outgoing, Ready } from "./participant.js";

/** Collects what one step of a participant with many parts comes to. */
export class Outbox<M, W, C = never, R = never> {
  #writes: W[] = [];
  #messages: Outgoing<M>[] = [];
  #replies: { requestId: string; reply: R }[] = [];
  #timers: { timer: string; afterMs: number | null }[] = [];
  #decided: { slot: number; command: C }[] = [];

  write(write: W): void {
    this.#writes.push(write);
  }

  send(to: NodeId, message: M): void {
    this.#messages.push({ to, message });
  }

  /** For what tells of nothing that a crash could undo: it does not wait for the disk. */
  sendBeforeWrites(to: NodeId, message: M): void {
    this.#messages.push({ to, message, beforeWrites: true });
  }

  reply(requestId: string, reply: R): void {
    this.#replies.push({ requestId, reply });
  }

  /** Sets a timer, in milliseconds from now, or takes it back with null. */
  timer(timer: string, afterMs: number | null): void {
    this.#timers.push({ timer, afterMs });
  }

  decide(slot: number, command: C): void {
    this.#decided.push({ slot, command });
  }

  /** Everything collected since the last time. */
  take(): Ready<M, W, C, R> {
    const ready = {
      writes: this.#writes,
      messages: this.#messages,
      replies: this.#replies,
      timers: this.#timers,
      decided: this.#decided,
    };
    this.#writes = [];
    this.#messages = [];
    this.#replies = [];
    this.#timers = [];
    this.#decided = [];
    return ready;
  }
}
