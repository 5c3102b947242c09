import { type NodeId, type Outgoing, type Ready, ready } from "./participant.js";

/** What one step has come to so far; a list is made when it gets its first item. */
interface Parts<M, W, C, R> {
  writes: W[] | undefined;
  messages: Outgoing<M>[] | undefined;
  replies: { requestId: string; reply: R }[] | undefined;
  timers: { timer: string; afterMs: number | null }[] | undefined;
  decided: { slot: number; command: C }[] | undefined;
  mark: number | undefined;
}

/** Collects what one step of a participant with many parts comes to. */
export class Outbox<M, W, C = never, R = never> {
  readonly #parts: Parts<M, W, C, R> = {
    writes: undefined,
    messages: undefined,
    replies: undefined,
    timers: undefined,
    decided: undefined,
    mark: undefined,
  };

  write(write: W): void {
    this.#parts.writes ??= [];
    this.#parts.writes.push(write);
  }

  send(to: NodeId, message: M): void {
    this.#parts.messages ??= [];
    this.#parts.messages.push({ to, message });
  }

  /** For what tells of nothing that a crash could undo: it does not wait for the disk. */
  sendBeforeWrites(to: NodeId, message: M): void {
    this.#parts.messages ??= [];
    this.#parts.messages.push({ to, message, beforeWrites: true });
  }

  reply(requestId: string, reply: R): void {
    this.#parts.replies ??= [];
    this.#parts.replies.push({ requestId, reply });
  }

  /** Sets a timer, in milliseconds from now, or takes it back with null. */
  timer(timer: string, afterMs: number | null): void {
    this.#parts.timers ??= [];
    this.#parts.timers.push({ timer, afterMs });
  }

  decide(slot: number, command: C): void {
    this.#parts.decided ??= [];
    this.#parts.decided.push({ slot, command });
  }

  /** Asks to be told when all writes so far are durable. */
  mark(mark: number): void {
    this.#parts.mark = mark;
  }

  /** Everything collected since the last time. */
  take(): Ready<M, W, C, R> {
    const parts = this.#parts;
    const collected = ready(parts);
    parts.writes = undefined;
    parts.messages = undefined;
    parts.replies = undefined;
    parts.timers = undefined;
    parts.decided = undefined;
    parts.mark = undefined;
    return collected;
  }
}
