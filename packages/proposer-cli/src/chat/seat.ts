import type { ChatLogin } from "@synod/client";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";

/** Who sits at the chat's prompt, with whom they speak, and how much they have not read. */
export class Seat {
  readonly #onChange: () => void;
  #login: ChatLogin | null = null;
  #openWith: string | null = null;
  #unread = 0;

  /** @param onChange is told whenever something of it changes */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get login(): ChatLogin | null {
    return this.#login;
  }

  /** @throws {CommandFailure} if nobody is logged in */
  get loggedIn(): ChatLogin {
    if (this.#login) return this.#login;
    throw new CommandFailure(ExitCode.failure, "not-logged-in", "Not logged in.");
  }

  /** The other one of the conversation that is open. */
  get openWith(): string | null {
    return this.#openWith;
  }

  get unread(): number {
    return this.#unread;
  }

  /** Somebody has logged in; null: nobody is logged in any more. */
  take(login: ChatLogin | null): void {
    this.#login = login;
    this.#openWith = null;
    this.#unread = login?.unreadAtFirst ?? 0;
    this.#onChange();
  }

  open(peer: string | null): void {
    this.#openWith = peer;
    this.#onChange();
  }

  nowUnread(count: number): void {
    this.#unread = count;
    this.#onChange();
  }
}
