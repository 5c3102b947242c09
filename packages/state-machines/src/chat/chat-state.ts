import { invariant } from "@synod/consensus";
import { KeyIndex } from "../key-value/key-index.js";
import { Account } from "./account.js";
import { Conversation } from "./conversation.js";
import type { ChatMessage, PasswordRecord } from "./operations.js";

/** Accounts, logins and messages, with every index over them: whatever changes one of them changes all. */
export class ChatState {
  readonly #accounts = new Map<string, Account>();
  #names = new KeyIndex();
  readonly #logins = new Map<string, Account>();
  readonly #conversationOf = new Map<number, Conversation>();
  #nextId = 1;
  #characters = 0;

  get accountCount(): number {
    return this.#accounts.size;
  }

  get messageCount(): number {
    return this.#conversationOf.size;
  }

  get loginCount(): number {
    return this.#logins.size;
  }

  /** Of all texts together. */
  get characters(): number {
    return this.#characters;
  }

  /** The id of the next message. */
  get nextId(): number {
    return this.#nextId;
  }

  account(user: string): Account | null {
    return this.#accounts.get(user) ?? null;
  }

  /** Whose login this is; null if it is none, or has ended. */
  loggedIn(token: string): Account | null {
    return this.#logins.get(token) ?? null;
  }

  /** Names of accounts from this one on, in their order. */
  namesFrom(name: string): Generator<string> {
    return this.#names.from(name);
  }

  /** All messages, in the order of their ids. */
  *messages(): Generator<ChatMessage> {
    // Each was put in after all with lower ids.
    for (const [id, conversation] of this.#conversationOf) {
      const message = conversation.message(id);
      invariant(message !== null, "a message is in its conversation");
      yield message;
    }
  }

  /** The conversation that this message is in; null if it is not there. */
  conversationOf(id: number): Conversation | null {
    return this.#conversationOf.get(id) ?? null;
  }

  addAccount(user: string, createdAt: number, credential: number, password: PasswordRecord): Account {
    invariant(!this.#accounts.has(user), "a name is taken once");
    invariant(credential >= createdAt, "an account's password is set when it is made, or later");
    const account = new Account(user, createdAt, credential, password);
    this.#accounts.set(user, account);
    this.#names.insert(user);
    return account;
  }

  /** With its logins and its conversations, for both sides. */
  removeAccount(account: Account): void {
    for (const conversation of account.conversations.values()) this.remove(conversation, new Set(conversation.ids));
    invariant(account.conversations.size === 0 && account.unread.size === 0, "nothing of it is left");
    for (const token of account.logins) this.#logins.delete(token);
    this.#accounts.delete(account.user);
    this.#names.remove(account.user);
  }

  addLogin(account: Account, token: string): void {
    invariant(!this.#logins.has(token), "a token is of one login");
    account.logins.add(token);
    this.#logins.set(token, account);
  }

  /** @param remembered how many of the last logins that ended so an account remembers: none of them begins again */
  endLogin(account: Account, token: string, remembered: number): void {
    const wasIts = account.logins.delete(token);
    invariant(wasIts && this.#logins.get(token) === account, "a login is its account's");
    this.#logins.delete(token);
    account.ended.add(token);
    for (const oldest of account.ended) {
      if (account.ended.size <= remembered) return;
      account.ended.delete(oldest);
    }
  }

  /** The next message. */
  add(from: Account, to: Account, text: string, time: number): ChatMessage {
    // What one writes to oneself one has read.
    const message = { id: this.#nextId, from: from.user, to: to.user, text, time, read: from === to };
    this.restore(from, to, message);
    return message;
  }

  /** A message with the id that it has, which is above all before. */
  restore(from: Account, to: Account, message: ChatMessage): void {
    invariant(message.id >= this.#nextId, "no id of a message is used twice");
    const conversation = from.conversations.get(to.user) ?? new Conversation(from.user, to.user);
    from.conversations.set(to.user, conversation);
    to.conversations.set(from.user, conversation);
    conversation.add(message);
    this.#conversationOf.set(message.id, conversation);
    if (!message.read) to.unread.add(message.id);
    this.#characters += message.text.length;
    this.#nextId = message.id + 1;
  }

  /** No id below this one is used any more. */
  skipTo(nextId: number): void {
    invariant(nextId >= this.#nextId, "no id of a message is used twice");
    this.#nextId = nextId;
  }

  /** This account has read a message to it that it had not. @returns the message, as it was */
  markRead(account: Account, id: number): ChatMessage {
    const message = this.#conversationOf.get(id)?.markRead(id);
    const wasUnread = account.unread.delete(id);
    invariant(message?.to === account.user && wasUnread, "what is unread is a message to whom it is unread for");
    return message;
  }

  /** Takes these messages out of their conversation, for both sides. */
  remove(conversation: Conversation, ids: ReadonlySet<number>): void {
    const [one, other] = conversation.users.map((user) => this.#accounts.get(user));
    invariant(one !== undefined && other !== undefined, "both sides of a conversation have accounts");
    for (const { id, to, text } of conversation.remove(ids)) {
      this.#characters -= text.length;
      this.#conversationOf.delete(id);
      (to === one.user ? one : other).unread.delete(id);
    }
    if (conversation.length > 0) return;
    one.conversations.delete(other.user);
    other.conversations.delete(one.user);
  }
}
