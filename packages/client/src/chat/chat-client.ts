import { randomBytes } from "node:crypto";
import { LOGIN_HEADER } from "@synod/api";
import type { CallOptions } from "../calls/options.js";
import { StoreError } from "../calls/store-errors.js";
import { ChatConnection } from "./chat-connection.js";
import { ChatLogin } from "./chat-login.js";
import * as replies from "./chat-replies.js";
import { pathOfUser } from "./chat-user.js";
import type { ChatOptions } from "./options.js";

/** What makes a login's token one that nobody guesses, in bytes. */
const TOKEN_BYTES = 32;
/** The same as text. */
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

/**
 * A client of a chat. It does not connect before it is used; each call waits as long as it was told to.
 *
 * Whatever it does happens once: it has a number in a session that the replicas know, whichever nodes it is sent to while
 * leaders change; a log-in has its token. Calls that are made together have no order: who needs one awaits.
 *
 * Every method rejects with a `StoreError`.
 */
export class ChatClient {
  readonly #connection: ChatConnection;

  /** @throws {TypeError | RangeError | Error} if an option makes no sense */
  constructor(options: ChatOptions) {
    this.#connection = new ChatConnection(options);
  }

  /** The cluster that is spoken to; null: none has answered so far, and none was named. */
  get clusterId(): string | null {
    return this.#connection.clusterId;
  }

  /**
   * Makes an account. That logs nobody in.
   *
   * @throws {StoreError} `username-taken`
   * @throws {OutcomeUnknown} if it may have been made all the same
   */
  async createAccount(user: string, password: string, options: CallOptions = {}): Promise<void> {
    await this.#connection.change("/chat/accounts", { user, password }, replies.isUserReply, options);
  }

  /** Whether there is an account of this name. */
  async isTaken(user: string, options: CallOptions = {}): Promise<boolean> {
    const path = pathOfUser("/chat/accounts", user);
    return (await this.#connection.ask(path, {}, replies.isAccountReply, options)).exists;
  }

  /**
   * Logs in. The token is drawn here: sent again, it is the same login.
   *
   * @throws {StoreError} `no-such-user`, `incorrect-password`
   * @throws {OutcomeUnknown} if there may be a login all the same: nobody has its token
   */
  async logIn(user: string, password: string, options: CallOptions = {}): Promise<ChatLogin> {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const body = { user, password, token };
    const how = { isNumbered: false };
    const reply = await this.#connection.change("/chat/logins", body, replies.isLogInReply, options, how);
    return new ChatLogin(this.#connection, reply.user, token, reply.unread);
  }

  /** Takes up a login again. @throws {StoreError} `not-logged-in` if it has ended */
  async resume(token: string, options: CallOptions = {}): Promise<ChatLogin> {
    if (!TOKEN_FORM.test(token)) throw new StoreError("not-logged-in", "this is no token of a login", true);
    const headers = { [LOGIN_HEADER]: token };
    const { user, unread } = await this.#connection.ask("/chat/login", {}, replies.isLoginReply, options, headers);
    return new ChatLogin(this.#connection, user, token, unread);
  }

  /** Takes no more calls, waits for those under way, each within its own time, and ends events and connections. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * A client of this chat.
 *
 * @throws {TypeError | RangeError | Error} if an option makes no sense
 */
export function connectChat(options: ChatOptions): ChatClient {
  return new ChatClient(options);
}
