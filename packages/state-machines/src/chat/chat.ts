import type { Json, StateMachine } from "../state-machine.js";
import type { Account } from "./account.js";
import { ChatState } from "./chat-state.js";
import { CHAT_LIMITS, type ChatLimits } from "./limits.js";
import {
  type ChatChange,
  type ChatOperation,
  type ChatRefusal,
  type ChatResult,
  parseChatOperation,
} from "./operations.js";
import { answerOf } from "./pages.js";
import { parseChatQuery } from "./queries.js";
import { chatPieces, restoredChat } from "./snapshot.js";

interface Outcome {
  readonly result: ChatResult;
  readonly changes: readonly ChatChange[];
}

/**
 * A chat: accounts, logins, conversations between two. Whatever is done in somebody's name names a login of theirs, and is
 * refused without one, at every replica: which server was asked, and what it believed, does not matter.
 */
export class Chat implements StateMachine<ChatOperation, ChatChange> {
  readonly #limits: ChatLimits;
  #state = new ChatState();

  /** @param limits equal at all replicas, always */
  constructor(limits: Partial<ChatLimits> = {}) {
    this.#limits = { ...CHAT_LIMITS, ...limits };
  }

  /** How much there is. */
  get counts(): { readonly accounts: number; readonly messages: number; readonly logins: number } {
    const { accountCount: accounts, messageCount: messages, loginCount: logins } = this.#state;
    return { accounts, messages, logins };
  }

  /** Whose login this is, by the digest of its token; null if it is none, or has ended. */
  userOf(token: string): string | null {
    return this.#state.loggedIn(token)?.user ?? null;
  }

  /**
   * Whose login this is, and the slot that made the account: no change up to that slot is for whoever is logged in, even
   * if it names the same user, who was another one then. Null as for `userOf`.
   */
  loginOf(token: string): { readonly user: string; readonly createdAt: number } | null {
    const account = this.#state.loggedIn(token);
    return account && { user: account.user, createdAt: account.createdAt };
  }

  parseOperation(value: Json): ChatOperation | null {
    return parseChatOperation(value);
  }

  apply(slot: number, operation: ChatOperation): Outcome {
    switch (operation.type) {
      case "create-account":
        return this.#createAccount(slot, operation);
      case "log-in":
        return this.#logIn(slot, operation);
      default: {
        const account = this.#state.loggedIn(operation.token);
        return account === null ? refused("not-logged-in") : this.#inTheirName(slot, account, operation);
      }
    }
  }

  read(query: Json): Json {
    const parsed = parseChatQuery(query);
    return "error" in parsed ? parsed : answerOf(this.#state, parsed);
  }

  snapshot(): readonly string[] {
    return chatPieces(this.#state);
  }

  restore(pieces: readonly string[]): void {
    this.#state = restoredChat(pieces);
  }

  #createAccount(slot: number, { user, password }: ChatOperation & { readonly type: "create-account" }): Outcome {
    if (this.#state.account(user) !== null) return refused("username-taken");
    if (this.#state.accountCount >= this.#limits.accounts) return refused("chat-full");
    this.#state.addAccount(user, slot, slot, password);
    return { result: { answer: "created", user }, changes: [] };
  }

  #logIn(slot: number, { user, credential, token }: ChatOperation & { readonly type: "log-in" }): Outcome {
    const account = this.#state.account(user);
    if (account === null) return refused("no-such-user");
    if (account.credential !== credential) return refused("incorrect-password");
    const result: ChatResult = { answer: "logged-in", user, unread: account.unread.size };
    const owner = this.#state.loggedIn(token);
    // The same request came again: it is one login.
    if (owner === account) return { result, changes: [] };
    if (owner !== null) return refused("incorrect-password");
    if (account.ended.has(token)) return refused("not-logged-in");
    const [oldest] = account.logins;
    const gives = account.logins.size >= this.#limits.loginsOfAccount && oldest !== undefined ? [oldest] : [];
    for (const one of gives) this.#endLogin(account, one);
    this.#state.addLogin(account, token);
    return { result, changes: loggedOut(slot, user, gives) };
  }

  #inTheirName(
    slot: number,
    account: Account,
    operation: Exclude<ChatOperation, { readonly type: "create-account" | "log-in" }>,
  ): Outcome {
    const { user } = account;
    switch (operation.type) {
      case "send":
        return this.#send(slot, account, operation);
      case "mark-read":
        return this.#markRead(slot, account, operation.ids);
      case "delete-messages":
        return this.#deleteMessages(slot, account, operation.ids);
      case "log-out":
        this.#endLogin(account, operation.token);
        return { result: { answer: "logged-out", user }, changes: loggedOut(slot, user, [operation.token]) };
      case "set-password":
        return this.#setPassword(slot, account, operation);
      case "delete-account": {
        const tokens = [...account.logins];
        const peers = [...account.conversations.keys()].filter((peer) => peer !== user);
        this.#state.removeAccount(account);
        return {
          result: { answer: "account-deleted", user },
          changes: [{ slot, type: "account-deleted", user, tokens, peers }],
        };
      }
    }
  }

  #send(slot: number, from: Account, { to, text, time }: ChatOperation & { readonly type: "send" }): Outcome {
    const recipient = this.#state.account(to);
    if (recipient === null) return refused("no-such-recipient");
    const { messageCount, characters } = this.#state;
    const isFull = messageCount >= this.#limits.messages || characters + text.length > this.#limits.characters;
    if (isFull) return refused("chat-full");
    const message = this.#state.add(from, recipient, text, time);
    return { result: { answer: "sent", message }, changes: [{ slot, type: "message", message }] };
  }

  #markRead(slot: number, account: Account, ids: readonly number[]): Outcome {
    const unread = ids.filter((id) => account.unread.has(id));
    const bySender = grouped(unread, (id) => this.#state.markRead(account, id).from);
    const conversations = Array.from(bySender, ([from, read]) => ({ from, ids: read }));
    const count = unread.length;
    const changes: ChatChange[] = count > 0 ? [{ slot, type: "read", by: account.user, conversations }] : [];
    return { result: { answer: "marked", count, unread: account.unread.size }, changes };
  }

  #deleteMessages(slot: number, account: Account, ids: readonly number[]): Outcome {
    const isOwn = (id: number) => this.#state.conversationOf(id)?.users.includes(account.user) === true;
    const own = ids.filter(isOwn);
    const byConversation = grouped(own, (id) => this.#state.conversationOf(id));
    const conversations: { readonly users: readonly [string, string]; readonly ids: readonly number[] }[] = [];
    for (const [conversation, here] of byConversation) {
      if (!conversation) continue;
      this.#state.remove(conversation, new Set(here));
      conversations.push({ users: conversation.users, ids: here });
    }
    const count = own.length;
    const changes: ChatChange[] = count > 0 ? [{ slot, type: "deleted", conversations }] : [];
    return { result: { answer: "deleted", count }, changes };
  }

  #endLogin(account: Account, token: string): void {
    this.#state.endLogin(account, token, this.#limits.endedLoginsOfAccount);
  }

  /** Whoever else knew the old one is logged out. */
  #setPassword(
    slot: number,
    account: Account,
    { token, credential, password }: ChatOperation & { readonly type: "set-password" },
  ): Outcome {
    if (account.credential !== credential) return refused("incorrect-password");
    account.credential = slot;
    account.password = password;
    const others = [...account.logins].filter((one) => one !== token);
    for (const one of others) this.#endLogin(account, one);
    return {
      result: { answer: "password-set", user: account.user },
      changes: loggedOut(slot, account.user, others),
    };
  }
}

/** Ids by what each of them has. */
function grouped<Key>(ids: readonly number[], keyOf: (id: number) => Key): Map<Key, number[]> {
  const groups = new Map<Key, number[]>();
  for (const id of ids) {
    const key = keyOf(id);
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
  }
  return groups;
}

function refused(answer: ChatRefusal): Outcome {
  return { result: { answer }, changes: [] };
}

function loggedOut(slot: number, user: string, tokens: readonly string[]): readonly ChatChange[] {
  return tokens.length > 0 ? [{ slot, type: "logged-out", user, tokens }] : [];
}
