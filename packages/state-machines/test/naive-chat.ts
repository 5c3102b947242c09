import type {
  ChatLimits,
  ChatMessage,
  ChatOperation,
  ChatQuery,
  ChatResult,
  Json,
  PasswordRecord,
} from "../src/index.ts";

interface NaiveAccount {
  readonly user: string;
  readonly createdAt: number;
  credential: number;
  password: PasswordRecord;
}

/** A chat as lists that are gone through from the beginning each time. */
export class NaiveChat {
  readonly #limits: ChatLimits;
  #accounts: NaiveAccount[] = [];
  /** The oldest first. */
  #logins: { readonly user: string; readonly token: string }[] = [];
  /** Those that were logged out, the oldest first. */
  #ended: { readonly user: string; readonly token: string }[] = [];
  #messages: ChatMessage[] = [];
  #nextId = 1;

  constructor(limits: ChatLimits) {
    this.#limits = limits;
  }

  apply(slot: number, operation: ChatOperation): ChatResult {
    if (operation.type === "create-account") return this.#create(slot, operation);
    if (operation.type === "log-in") return this.#logIn(operation);
    const user = this.#logins.find(({ token }) => token === operation.token)?.user;
    if (user === undefined) return { answer: "not-logged-in" };
    const toMe = (id: number) => this.#messages.some((one) => one.id === id && one.to === user && !one.read);
    const mine = (id: number) => this.#messages.some((one) => one.id === id && this.#isBy(one, user));
    switch (operation.type) {
      case "log-out":
        this.#end(user, operation.token);
        return { answer: "logged-out", user };
      case "set-password": {
        const account = this.#account(user);
        if (account?.credential !== operation.credential) return { answer: "incorrect-password" };
        account.credential = slot;
        account.password = operation.password;
        for (const one of this.#logins)
          if (one.user === user && one.token !== operation.token) this.#end(user, one.token);
        return { answer: "password-set", user };
      }
      case "delete-account":
        this.#accounts = this.#accounts.filter((one) => one.user !== user);
        this.#logins = this.#logins.filter((one) => one.user !== user);
        this.#ended = this.#ended.filter((one) => one.user !== user);
        this.#messages = this.#messages.filter((one) => !this.#isBy(one, user));
        return { answer: "account-deleted", user };
      case "send":
        return this.#send(user, operation);
      case "mark-read": {
        const ids = operation.ids.filter(toMe);
        this.#messages = this.#messages.map((one) => (ids.includes(one.id) ? { ...one, read: true } : one));
        return { answer: "marked", count: ids.length, unread: this.#unread(user).length };
      }
      case "delete-messages": {
        const ids = operation.ids.filter(mine);
        this.#messages = this.#messages.filter(({ id }) => !ids.includes(id));
        return { answer: "deleted", count: ids.length };
      }
    }
  }

  answer(query: ChatQuery): Json {
    if (query.type === "counts") {
      return { accounts: this.#accounts.length, messages: this.#messages.length, logins: this.#logins.length };
    }
    if (query.type === "account") return { user: query.user, exists: this.#account(query.user) !== undefined };
    if (query.type === "credential") {
      const account = this.#account(query.user);
      return account ? { credential: account.credential, password: account.password } : null;
    }
    const user = this.#logins.find(({ token }) => token === query.token)?.user;
    if (user === undefined) return { refused: "not-logged-in" };
    const unread = this.#unread(user).length;
    const { limit = 50 } = query as { readonly limit?: number };
    switch (query.type) {
      case "login":
        return { user, unread };
      case "accounts": {
        const pattern = new RegExp(`^${(query.pattern ?? "*").replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
        const names = this.#accounts.map((one) => one.user).sort();
        return page(
          "users",
          names.filter((name) => name > (query.after ?? "") && pattern.test(name)),
          limit,
        );
      }
      case "conversations": {
        const own = this.#messages.filter((one) => this.#isBy(one, user));
        const peers = [...new Set(own.map(({ from, to }) => (from === user ? to : from)))];
        const all = peers
          .map((peer) => this.#summary(user, peer))
          .filter(({ last }) => last.id < (query.before ?? 1e9));
        all.sort((one, other) => other.last.id - one.last.id);
        const conversations = all.slice(0, limit);
        return { conversations, next: all.length > limit ? (conversations.at(-1)?.last.id ?? null) : null, unread };
      }
      case "conversation": {
        if (!this.#account(query.with)) return { refused: "no-such-user" };
        const all = this.#between(user, query.with).filter(({ id }) => id < (query.before ?? 1e9));
        const messages = all.slice(-limit);
        return { messages, next: all.length > limit ? (messages[0]?.id ?? null) : null };
      }
      case "unread": {
        if (query.from !== undefined && !this.#account(query.from)) return { refused: "no-such-user" };
        const some = this.#unread(user).filter(
          ({ id, from }) => id > (query.after ?? 0) && (query.from ?? from) === from,
        );
        const messages = some.slice(0, limit);
        return { messages, next: some.length > limit ? (messages.at(-1)?.id ?? null) : null, unread };
      }
    }
  }

  #create(slot: number, { user, password }: ChatOperation & { readonly type: "create-account" }): ChatResult {
    if (this.#account(user)) return { answer: "username-taken" };
    if (this.#accounts.length >= this.#limits.accounts) return { answer: "chat-full" };
    this.#accounts.push({ user, createdAt: slot, credential: slot, password });
    return { answer: "created", user };
  }

  #logIn({ user, credential, token }: ChatOperation & { readonly type: "log-in" }): ChatResult {
    const account = this.#account(user);
    if (!account) return { answer: "no-such-user" };
    if (account.credential !== credential) return { answer: "incorrect-password" };
    const isIts = (one: { readonly user: string; readonly token: string }) => one.user === user && one.token === token;
    if (!this.#logins.some(isIts)) {
      if (this.#logins.some((one) => one.token === token)) return { answer: "incorrect-password" };
      if (this.#ended.some(isIts)) return { answer: "not-logged-in" };
      const own = this.#logins.filter((one) => one.user === user);
      if (own.length >= this.#limits.loginsOfAccount) this.#end(user, own[0]?.token ?? "");
      this.#logins.push({ user, token });
    }
    return { answer: "logged-in", user, unread: this.#unread(user).length };
  }

  #send(from: string, { to, text, time }: ChatOperation & { readonly type: "send" }): ChatResult {
    if (!this.#account(to)) return { answer: "no-such-recipient" };
    const characters = this.#messages.reduce((sum, one) => sum + one.text.length, text.length);
    const isFull = this.#messages.length >= this.#limits.messages || characters > this.#limits.characters;
    if (isFull) return { answer: "chat-full" };
    const message = { id: this.#nextId++, from, to, text, time, read: from === to };
    this.#messages.push(message);
    return { answer: "sent", message };
  }

  #end(user: string, token: string): void {
    this.#logins = this.#logins.filter((one) => one.token !== token);
    this.#ended.push({ user, token });
    const own = this.#ended.filter((one) => one.user === user);
    const kept = own.slice(Math.max(0, own.length - this.#limits.endedLoginsOfAccount));
    this.#ended = this.#ended.filter((one) => one.user !== user || kept.includes(one));
  }

  #account(user: string): NaiveAccount | undefined {
    return this.#accounts.find((one) => one.user === user);
  }

  #isBy({ from, to }: ChatMessage, user: string): boolean {
    return from === user || to === user;
  }

  #between(one: string, other: string): ChatMessage[] {
    return this.#messages.filter(({ from, to }) => (from === one && to === other) || (from === other && to === one));
  }

  #unread(user: string): ChatMessage[] {
    return this.#messages.filter(({ to, read }) => to === user && !read);
  }

  #summary(user: string, peer: string) {
    const messages = this.#between(user, peer);
    const unread = messages.filter(({ to, read }) => to === user && !read).length;
    return { with: peer, messages: messages.length, unread, last: messages.at(-1) as ChatMessage };
  }
}

function page(name: string, all: readonly string[], limit: number): Json {
  const some = all.slice(0, limit);
  return { [name]: some, next: all.length > limit ? (some.at(-1) ?? null) : null };
}
