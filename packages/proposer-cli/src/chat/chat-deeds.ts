import type { ChatClient, ChatLogin, ChatMessage } from "@synod/client";
import { UsageError } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { type ChatLine, HELP } from "./chat-lines.js";
import { conversationText, messageText, SAID, userText } from "./chat-text.js";
import type { KeptLogins } from "./kept-logins.js";
import type { LiveEvents } from "./live-events.js";
import type { Seat } from "./seat.js";

/** Messages and names that are shown at a time. */
const PAGE = 20;

/** How the prompt says what came of a line: in lines for people, or as a document. */
export type Say = (lines: readonly string[], document: object) => void;

/** What the prompt's commands do. Each throws a `StoreError` or a `CommandFailure` if it does not. */
export class ChatDeeds {
  readonly #client: ChatClient;
  readonly #logins: KeptLogins;
  readonly #seat: Seat;
  readonly #live: LiveEvents;
  readonly #colors: Terminal["colors"];
  readonly #say: Say;
  /** Shows the next page of what was shown last. */
  #more: (() => Promise<void>) | null = null;

  constructor(
    { client, logins }: { readonly client: ChatClient; readonly logins: KeptLogins },
    { seat, live, colors, say }: { seat: Seat; live: LiveEvents; colors: Terminal["colors"]; say: Say },
  ) {
    this.#client = client;
    this.#logins = logins;
    this.#seat = seat;
    this.#live = live;
    this.#colors = colors;
    this.#say = say;
  }

  /** Carries a line out. @param secrets what was asked for besides, unseen */
  async do({ command, words }: ChatLine, secrets: readonly string[]): Promise<void> {
    const [first = ""] = words;
    const [password = "", another = ""] = secrets;
    switch (command) {
      case "create":
        return this.#create(first, password);
      case "login":
        return this.#seatAs(await this.#client.logIn(first, password), true);
      case "list":
        return this.#list(first === "" ? "*" : first);
      case "send":
        return this.#send(first, words[1] ?? "");
      case "say":
        return this.#sayThere(first);
      case "read":
        return this.#read(first === "" ? undefined : first);
      case "conversations":
        return this.#conversations();
      case "open":
        // What follows is meant for this one: if it does not open, nobody else shall get it.
        this.#seat.open(null);
        return this.#open(first);
      case "close":
        return this.#seat.open(null);
      case "more":
        return this.#showMore();
      case "delete":
        return this.#delete(words);
      case "password":
        return this.#setPassword(password, another);
      case "logout":
        return this.#logOut();
      case "delete-account":
        return this.#deleteAccount(first);
      case "help":
        return this.#say(HELP, { help: HELP });
      case "exit":
        return;
    }
  }

  /** Takes up the login that was kept. */
  async resume(token: string): Promise<void> {
    await this.#seatAs(await this.#client.resume(token), false);
  }

  async #create(user: string, password: string): Promise<void> {
    await this.#client.createAccount(user, password);
    this.#say([SAID.created(user)], { user });
    if (this.#seat.login === null) await this.#seatAs(await this.#client.logIn(user, password), true);
  }

  async #seatAs(login: ChatLogin, isNew: boolean): Promise<void> {
    const { user, token } = login;
    if (isNew) this.#logins.keep({ user, token, clusterId: this.#client.clusterId ?? "unknown" });
    this.#seat.take(login);
    this.#more = null;
    await this.#live.begin(login);
    const { unread } = this.#seat;
    this.#say([SAID.loggedIn(user, unread)], { user, unread });
  }

  async #list(pattern: string, after?: string): Promise<void> {
    const page = await this.#seat.loggedIn.accounts({
      pattern,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    const lines = page.users.map((user) => userText(user, this.#colors));
    const { next } = page;
    this.#more = next === null ? null : () => this.#list(pattern, next);
    this.#say(this.#page(lines, "nobody is called so"), page);
  }

  async #send(to: string, text: string): Promise<void> {
    const login = this.#seat.loggedIn;
    const message = await this.#live.whileSending(() => login.send(to, text));
    const isOpen = this.#seat.openWith === to;
    this.#say([isOpen ? this.#textOf({ ...message, read: true }) : SAID.sent(to, message.text)], { message });
  }

  async #sayThere(text: string): Promise<void> {
    const peer = this.#seat.openWith;
    if (peer === null) throw new UsageError("no conversation is open: it was not sent");
    await this.#send(peer, text);
  }

  async #read(from: string | undefined, after?: number): Promise<void> {
    const login = this.#seat.loggedIn;
    const page = await login.unread({
      limit: PAGE,
      ...(from === undefined ? {} : { from }),
      ...(after === undefined ? {} : { after }),
    });
    const { next } = page;
    this.#more = next === null ? null : () => this.#read(from, next);
    this.#say(this.#page(page.messages.map(this.#textOf), "nothing is unread"), page);
    await this.#markRead(login, page.messages);
  }

  async #conversations(before?: number): Promise<void> {
    const page = await this.#seat.loggedIn.conversations({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    const { next } = page;
    this.#more = next === null ? null : () => this.#conversations(next);
    const { user } = this.#seat.loggedIn;
    const lines = page.conversations.map((one) => conversationText(one, user, this.#colors, Date.now()));
    this.#say(this.#page(lines, "there is no conversation"), page);
  }

  async #open(peer: string, before?: number): Promise<void> {
    const login = this.#seat.loggedIn;
    const page = await login.conversation(peer, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    const { next } = page;
    this.#more = next === null ? null : () => this.#open(peer, next);
    this.#seat.open(peer);
    this.#say(this.#page(page.messages.map(this.#textOf), "there is no message so far"), page);
    await this.#markRead(login, page.messages);
  }

  async #showMore(): Promise<void> {
    if (this.#more === null) throw new UsageError("there is no more of what was shown last");
    await this.#more();
  }

  async #delete(words: readonly string[]): Promise<void> {
    const idOf = wholeNumber("the number of a message", 1, Number.MAX_SAFE_INTEGER);
    const ids = [...new Set(words.map((word) => idOf(word.replace(/^#/, "")) as number))];
    const login = this.#seat.loggedIn;
    this.#live.willDelete(ids);
    const count = await login.deleteMessages(ids);
    this.#say([SAID.deleted(count)], { count });
  }

  async #setPassword(password: string, another: string): Promise<void> {
    const login = this.#seat.loggedIn;
    await login.setPassword(password, another);
    this.#say([SAID.passwordSet(login.user)], { user: login.user });
  }

  async #logOut(): Promise<void> {
    const login = this.#seat.loggedIn;
    this.#live.end();
    await login.logOut();
    this.#leave(login, SAID.loggedOut(login.user));
  }

  async #deleteAccount(named: string): Promise<void> {
    const login = this.#seat.loggedIn;
    if (named !== login.user)
      throw new UsageError(`it is delete-account ${login.user}: nobody deletes that of another`);
    this.#live.end();
    await login.deleteAccount();
    this.#leave(login, SAID.accountDeleted(login.user));
  }

  #leave({ user }: ChatLogin, words: string): void {
    this.#logins.forget(user);
    this.#seat.take(null);
    this.#more = null;
    this.#say([words], { user });
  }

  /** What was shown has been read. */
  async #markRead(login: ChatLogin, messages: readonly ChatMessage[]): Promise<void> {
    const ids = messages.filter(({ to, read }) => to === login.user && !read).map(({ id }) => id);
    if (ids.length > 0) this.#seat.nowUnread((await login.markRead(ids)).unread);
  }

  readonly #textOf = (message: ChatMessage): string =>
    messageText(message, this.#seat.login?.user ?? "", this.#colors, Date.now());

  #page(lines: readonly string[], ifNone: string): string[] {
    if (lines.length === 0) return [this.#colors.dim(ifNone)];
    return this.#more === null ? [...lines] : [...lines, this.#colors.dim("(more shows what follows)")];
  }
}
