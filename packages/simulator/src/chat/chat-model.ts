import type { Slot } from "@synod/consensus";
import type { ChatOperation, ChatResult, Json } from "@synod/state-machines";
import type { MachineModel } from "../multipaxos/service.js";
import { isSame } from "../world/canonical.js";
import { CREDENTIAL_UNKNOWN } from "./chat-asking.js";
import {
  ChatPast,
  FOREVER,
  grouped,
  idsOf,
  type ModelAccount,
  type ModelLogin,
  type ModelMessage,
  shown,
} from "./chat-past.js";
import { SIMULATED_CHAT } from "./watched-chat.js";

/** What an operation means for whoever is logged in so; null: nothing. */
type NewsFor = (user: string, token: string) => Json;
type Of<Type extends ChatOperation["type"]> = ChatOperation & { readonly type: Type };

/** The chat as lists of what ever was, each with the slots in which it was: nothing is changed, it only ends. */
export class ChatModel implements MachineModel {
  readonly #past = new ChatPast();
  #now: Slot | 0 = 0;
  readonly #news: { readonly slot: Slot; readonly newsFor: NewsFor }[] = [];

  isOperation(operation: Json): boolean {
    return (operation as unknown as { readonly credential?: number }).credential !== CREDENTIAL_UNKNOWN;
  }

  isAskedFor(operation: Json, asked: Json): boolean {
    const wanted = asked as unknown as { readonly credential?: number };
    if (wanted.credential !== CREDENTIAL_UNKNOWN) return isSame(operation, asked);
    const { credential } = operation as unknown as { readonly credential: number };
    return isSame(operation, { ...wanted, credential });
  }

  /** No two messages have one text. */
  markOf(operation: Json): string | null {
    const { text } = operation as unknown as { readonly text?: string };
    return text === undefined ? null : `text ${text}`;
  }

  /** The message of this id, wherever it was; undefined if there was none. */
  message(id: number): ModelMessage | undefined {
    return this.#past.messages[id - 1];
  }

  carryOut(slot: Slot, json: Json): Json {
    const operation = json as unknown as ChatOperation;
    this.#now = slot;
    return this.#result(slot, operation) satisfies ChatResult;
  }

  #result(slot: Slot, operation: ChatOperation): ChatResult {
    if (operation.type === "create-account") return this.#create(slot, operation);
    if (operation.type === "log-in") return this.#logIn(slot, operation);
    const account = this.#past.login(slot, operation.token)?.account;
    if (account === undefined) return { answer: "not-logged-in" };
    const { user } = account;
    switch (operation.type) {
      case "log-out":
        this.#end(slot, account, [operation.token]);
        return { answer: "logged-out", user };
      case "set-password": {
        if (account.credentials.at(-1)?.slot !== operation.credential) return { answer: "incorrect-password" };
        account.credentials.push({ slot, password: operation.password });
        const others = this.#past.loginsOf(slot, account).filter(({ token }) => token !== operation.token);
        this.#end(
          slot,
          account,
          others.map(({ token }) => token),
        );
        return { answer: "password-set", user };
      }
      case "delete-account":
        return this.#delete(slot, account);
      case "send":
        return this.#send(slot, user, operation);
      case "mark-read": {
        const read = this.#past.messagesAt(slot).filter(({ id, to, readAt }) => {
          return operation.ids.includes(id) && to === user && readAt > slot;
        });
        for (const message of read) message.readAt = slot;
        const conversations = grouped(read, ({ from }) => from).map(([from, some]) => ({ from, ids: idsOf(some) }));
        this.#tell(slot, (who) => {
          const theirs = conversations.filter(({ from }) => who === user || who === from);
          return theirs.length === 0 ? null : { type: "read", by: user, conversations: theirs };
        });
        return { answer: "marked", count: read.length, unread: this.#past.unread(slot, user).length };
      }
      case "delete-messages": {
        const gone = this.#past.messagesOf(slot, user).filter(({ id }) => operation.ids.includes(id));
        for (const message of gone) message.until = slot;
        this.#tell(slot, (who) => {
          const theirs = gone.filter(({ from, to }) => who === from || who === to);
          const withWhom = grouped(theirs, ({ from, to }) => (from === who ? to : from));
          const conversations = withWhom.map(([peer, some]) => ({ with: peer, ids: idsOf(some) }));
          return theirs.length === 0 ? null : { type: "deleted", conversations };
        });
        return { answer: "deleted", count: gone.length };
      }
    }
  }

  answer(query: Json, slot: Slot | 0, told: Json): Json {
    const asked = query as { readonly type: string; readonly [member: string]: string | number };
    const { type, token = "", limit = 50, after = 0, before = FOREVER } = asked;
    const account = (user: Json | undefined) => this.#past.account(slot, user);
    if (type === "credential") {
      const set = account(asked["user"])?.credentials.filter((one) => one.slot <= slot);
      return set ? { credential: set.at(-1)?.slot ?? 0, password: set.at(-1)?.password ?? null } : null;
    }
    const login = this.#past.login(slot, `${token}`);
    if (login === undefined) return { refused: "not-logged-in" };
    const { user } = login.account;
    const unread = this.#past.unread(slot, user);
    switch (type) {
      case "login":
        return { user, unread: unread.length };
      case "accounts":
        return {
          users: this.#past
            .accountsAt(slot)
            .map((one) => one.user)
            .sort(),
          next: null,
        };
      case "conversations": {
        const peers = grouped(this.#past.messagesOf(slot, user), ({ from, to }) => (from === user ? to : from));
        const conversations = peers.map(([peer, some]) => ({
          with: peer,
          messages: some.length,
          unread: unread.filter(({ from }) => from === peer).length,
          last: shown(slot, some.at(-1) as ModelMessage),
        }));
        conversations.sort((one, other) => other.last.id - one.last.id);
        return { conversations, next: null, unread: unread.length };
      }
      case "unread": {
        const some = unread.filter(({ id }) => id > Number(after));
        const page = some.slice(0, Number(limit));
        const next = some.length > page.length ? (page.at(-1)?.id ?? null) : null;
        return { messages: page.map((one) => shown(slot, one)), next, unread: unread.length };
      }
      case "conversation": {
        const peer = asked["with"];
        if (account(peer) === undefined) return { refused: "no-such-user" };
        const all = this.#past.messagesOf(slot, user).filter(({ id, from, to }) => {
          return id < Number(before) && (from === user ? to : from) === peer;
        });
        const page = all.slice(-Number(limit));
        const next = all.length > page.length ? (page[0]?.id ?? null) : null;
        return { messages: page.map((one) => shown(slot, one)), next };
      }
      default:
        return this.#newsAt(slot, login, Number(after), told);
    }
  }

  /** What is new for a login that lives. Whatever a server says is gone for it may be gone; all the rest is to be told. */
  #newsAt(slot: Slot | 0, { account, token }: ModelLogin, after: Slot | 0, told: Json): Json {
    const since = Math.max(after, account.since);
    const { compactedThrough = null } = (told ?? {}) as { readonly compactedThrough?: number | null };
    const isGone = compactedThrough !== null && compactedThrough > since && compactedThrough <= slot;
    const from = isGone ? compactedThrough : since;
    const news = this.#news.flatMap((one) => {
      const what = one.slot > from && one.slot <= slot ? one.newsFor(account.user, token) : null;
      const isOver = (what as { readonly type: string } | null)?.type === "logged-out";
      return what === null || isOver ? [] : [{ slot: one.slot, news: what }];
    });
    return { news, compactedThrough: isGone ? compactedThrough : null };
  }

  get rows(): Json[] {
    const slot = this.#now;
    const accounts = this.#past.accountsAt(slot).sort((one, other) => (one.user < other.user ? -1 : 1));
    return [
      ["chat", this.#past.messages.length + 1],
      ...accounts.map((account): Json => {
        const { user, since, credentials, ended } = account;
        const { slot: credential = 0, password = null } = credentials.at(-1) ?? {};
        const logins = this.#past.loginsOf(slot, account).map(({ token }) => token);
        return ["account", user, since, credential, password, logins, [...ended]];
      }),
      ...this.#past.messagesAt(slot).map((message): Json => {
        const { id, from, to, text, time, read } = shown(slot, message);
        return ["message", id, from, to, text, time, read];
      }),
    ];
  }

  #create(slot: Slot, { user, password }: Of<"create-account">): ChatResult {
    if (this.#past.account(slot, user)) return { answer: "username-taken" };
    this.#past.accounts.push({ user, since: slot, until: FOREVER, credentials: [{ slot, password }], ended: [] });
    return { answer: "created", user };
  }

  #logIn(slot: Slot, { user, credential, token }: Of<"log-in">): ChatResult {
    const account = this.#past.account(slot, user);
    if (account === undefined) return { answer: "no-such-user" };
    if (account.credentials.at(-1)?.slot !== credential) return { answer: "incorrect-password" };
    const own = this.#past.loginsOf(slot, account);
    if (!own.some((one) => one.token === token)) {
      if (this.#past.login(slot, token)) return { answer: "incorrect-password" };
      if (account.ended.includes(token)) return { answer: "not-logged-in" };
      const isFull = own.length >= SIMULATED_CHAT.loginsOfAccount;
      this.#end(slot, account, isFull ? [own[0]?.token ?? ""] : []);
      this.#past.logins.push({ account, token, since: slot, until: FOREVER });
    }
    return { answer: "logged-in", user, unread: this.#past.unread(slot, user).length };
  }

  #end(slot: Slot, account: ModelAccount, tokens: readonly string[]): void {
    for (const login of this.#past.loginsOf(slot, account)) if (tokens.includes(login.token)) login.until = slot;
    account.ended = [...account.ended, ...tokens].slice(-SIMULATED_CHAT.endedLoginsOfAccount);
    this.#tell(slot, (_, token) => (tokens.includes(token) ? { type: "logged-out" } : null));
  }

  #delete(slot: Slot, account: ModelAccount): ChatResult {
    const { user } = account;
    const tokens = this.#past.loginsOf(slot, account).map(({ token }) => token);
    const own = this.#past.messagesOf(slot, user);
    const peers = new Set(own.map(({ from, to }) => (from === user ? to : from)));
    account.until = slot;
    for (const login of this.#past.loginsOf(slot, account)) login.until = slot;
    for (const message of own) message.until = slot;
    this.#tell(slot, (who, token) => {
      if (tokens.includes(token)) return { type: "logged-out" };
      return who !== user && peers.has(who) ? { type: "account-deleted", user } : null;
    });
    return { answer: "account-deleted", user };
  }

  #send(slot: Slot, from: string, { to, text, time }: Of<"send">): ChatResult {
    if (!this.#past.account(slot, to)) return { answer: "no-such-recipient" };
    if (this.#past.messagesAt(slot).length >= SIMULATED_CHAT.messages) return { answer: "chat-full" };
    const id = this.#past.messages.length + 1;
    const message = { id, from, to, text, time, since: slot, until: FOREVER, readAt: from === to ? slot : FOREVER };
    this.#past.messages.push(message);
    const sent = shown(slot, message);
    this.#tell(slot, (who) => (who === from || who === to ? { type: "message", message: sent } : null));
    return { answer: "sent", message: sent };
  }

  #tell(slot: Slot, newsFor: NewsFor): void {
    this.#news.push({ slot, newsFor });
  }
}
