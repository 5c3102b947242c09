import {
  type ChatAccountsReply,
  type ChatConversationReply,
  type ChatConversationsReply,
  type ChatMessageReply,
  type ChatUnreadReply,
  LOGIN_HEADER,
} from "@synod/api";
import type { CallOptions } from "../calls/options.js";
import type { ResumedStream, StreamOptions, StreamSource } from "../calls/resumed-stream.js";
import { OutcomeUnknown } from "../calls/store-errors.js";
import type { ChatConnection } from "./chat-connection.js";
import type { ChatLoginEvent } from "./chat-replies.js";
import * as replies from "./chat-replies.js";
import { pathOfUser } from "./chat-user.js";
import { checkedText } from "./message-text.js";
import type { AccountsOptions, ChatPageOptions, UnreadOptions } from "./options.js";

/** One message, as it stands in a conversation. */
export type ChatMessage = ChatMessageReply;

/** The events of a login, each once, in the order in which they happened; `started` is resolved when they begin. */
export type ChatEvents = ResumedStream<ChatLoginEvent>;

/** Messages that were taken as read. */
export interface ReadMessages extends ChatUnreadReply {
  /** How many were marked; null: nobody said in time, so that they may be unread still. */
  readonly marked: number | null;
}

/**
 * What somebody does who is logged in. Whoever has the token can do it: `ChatClient.resume` takes the login up again, in
 * another process or later.
 *
 * Every method rejects with a `StoreError`: of code `not-logged-in` once the login has ended, wherever that was.
 */
export class ChatLogin {
  readonly user: string;
  readonly token: string;
  /** Messages that were not read when this began. */
  readonly unreadAtFirst: number;
  readonly #connection: ChatConnection;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(connection: ChatConnection, user: string, token: string, unreadAtFirst: number) {
    this.#connection = connection;
    this.#headers = { [LOGIN_HEADER]: token };
    this.user = user;
    this.token = token;
    this.unreadAtFirst = unreadAtFirst;
  }

  /** One page of the names of accounts. */
  accounts({ pattern, after, limit, ...options }: AccountsOptions = {}): Promise<ChatAccountsReply> {
    return this.#ask("/chat/accounts", { pattern, after, limit }, replies.isAccountsReply, options);
  }

  /** One page of one's conversations, the one with the newest message first. */
  conversations({ before, limit, ...options }: ChatPageOptions = {}): Promise<ChatConversationsReply> {
    return this.#ask("/chat/conversations", { before, limit }, replies.isConversationsReply, options);
  }

  /** One page of the messages with somebody, the newest page unless it says before which; marks nothing as read. */
  async conversation(
    user: string,
    { before, limit, ...options }: ChatPageOptions = {},
  ): Promise<ChatConversationReply> {
    const path = pathOfUser("/chat/conversations", user);
    return this.#ask(path, { before, limit }, replies.isConversationReply, options);
  }

  /** One page of what one has not read, the oldest first; marks nothing as read. */
  unread({ from, after, limit, ...options }: UnreadOptions = {}): Promise<ChatUnreadReply> {
    return this.#ask("/chat/unread", { from, after, limit }, replies.isUnreadReply, options);
  }

  /** Marks messages as read, up to 1000. @throws {OutcomeUnknown} if they may be marked all the same */
  async markRead(
    ids: readonly number[],
    options: CallOptions = {},
  ): Promise<{ readonly count: number; readonly unread: number }> {
    const { count, unread } = await this.#change("/chat/read", { ids }, replies.isMarkReadReply, options);
    return { count, unread };
  }

  /**
   * One page of what one has not read, which is then marked as read. If nobody says in time whether it is marked, the
   * messages are handed over all the same: nobody would see them otherwise, should they be marked.
   */
  async read(options: UnreadOptions = {}): Promise<ReadMessages> {
    const page = await this.unread(options);
    if (page.messages.length === 0) return { ...page, marked: 0 };
    const ids = page.messages.map(({ id }) => id);
    try {
      const { count, unread } = await this.markRead(ids, options);
      return { ...page, unread, marked: count };
    } catch (error) {
      if (error instanceof OutcomeUnknown) return { ...page, marked: null };
      throw error;
    }
  }

  /** Sends a message. @throws {StoreError} `no-such-recipient` @throws {OutcomeUnknown} if it may have been sent all the same */
  async send(to: string, text: string, options: CallOptions = {}): Promise<ChatMessage> {
    const body = { to, text: checkedText(text) };
    return (await this.#change("/chat/messages", body, replies.isSendReply, options)).message;
  }

  /** Deletes messages of one's own conversations, for both sides. @returns how many were there */
  async deleteMessages(ids: readonly number[], options: CallOptions = {}): Promise<number> {
    return (await this.#change("/chat/delete", { ids }, replies.isDeleteReply, options)).count;
  }

  /** Sets another password, which ends all other logins. @throws {StoreError} `incorrect-password` */
  async setPassword(password: string, newPassword: string, options: CallOptions = {}): Promise<void> {
    const body = { password, new_password: newPassword };
    await this.#change("/chat/password", body, replies.isUserReply, options);
  }

  /** Deletes the account, with all its logins, and its conversations, on both sides. */
  async deleteAccount(options: CallOptions = {}): Promise<void> {
    await this.#change("/chat/account/delete", {}, replies.isUserReply, options);
  }

  /** Ends this login. */
  async logOut(options: CallOptions = {}): Promise<void> {
    await this.#change("/chat/logout", {}, replies.isUserReply, options);
  }

  /**
   * What happens from now on, which is when `started` is resolved: `for await (const event of login.events())`. At whichever node
   * the stream is, and however often it moves to another one, each event is told once, in its order. `resync`: some are gone,
   * so that what is shown must be read anew. After `logged-out` there is no other. It ends with its signal, and with the client.
   */
  events(options: StreamOptions = {}): ChatEvents {
    return this.#connection.stream({ ...EVENTS, headers: this.#headers }, options);
  }

  #ask<Reply>(
    path: string,
    query: Parameters<ChatConnection["ask"]>[1],
    isReply: (body: unknown) => body is Reply,
    options: CallOptions,
  ): Promise<Reply> {
    return this.#connection.ask(path, query, isReply, options, this.#headers);
  }

  #change<Reply>(
    path: string,
    body: object,
    isReply: (body: unknown) => body is Reply,
    options: CallOptions,
  ): Promise<Reply> {
    return this.#connection.change(path, body, isReply, options, { headers: this.#headers });
  }
}

/** Nodes say every 2 s that a stream lives: somebody waits for an answer, and should not wait for one that is gone. */
const SILENT_MS = 8000;

const EVENTS: StreamSource<ChatLoginEvent> = {
  path: "/chat/events",
  idleMs: SILENT_MS,
  understood: ({ event, data }) => [replies.chatEventIn(event, data)].filter((one) => one !== null),
  // Whoever is told twice to read anew has read once too often; whoever is not told shows what is not there.
  isAlwaysTold: ({ event }) => event === "resync" || event === "logged-out",
  isLast: ({ type }) => type === "logged-out",
  // It ended while there was no connection.
  lastOnRefusal: ({ code }) => (code === "not-logged-in" ? { type: "logged-out" } : null),
};
