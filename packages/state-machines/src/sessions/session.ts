import { ReplyWindow } from "./reply-window.js";

/** The sequence of a session's first command: the one before it opened the session. */
export const FIRST_COMMAND = 2;

/** What is known of one client. */
export class Session {
  readonly client: string;
  /** The slot of the value that opened it. */
  readonly openedAt: number;
  readonly #replies: ReplyWindow;
  /** Its neighbours in the order of use; null where there is none. For `UseOrder` alone. */
  older: Session | null = null;
  newer: Session | null = null;

  constructor(client: string, openedAt: number, firstUnacknowledged = FIRST_COMMAND) {
    this.client = client;
    this.openedAt = openedAt;
    this.#replies = new ReplyWindow(firstUnacknowledged);
  }

  /** Only ever rises. */
  get firstUnacknowledged(): number {
    return this.#replies.first;
  }

  /** What came of commands, by sequence; none below the first unacknowledged. */
  get replies(): Pick<ReplyWindow, "get" | "size" | typeof Symbol.iterator> {
    return this.#replies;
  }

  /** The length of all its replies. */
  get characters(): number {
    return this.#replies.characters;
  }

  keep(sequence: number, reply: string): void {
    this.#replies.set(sequence, reply);
  }

  /** The client waits for nothing below this sequence: forgets those replies. */
  acknowledgeBelow(sequence: number): void {
    this.#replies.forgetBelow(sequence);
  }
}
