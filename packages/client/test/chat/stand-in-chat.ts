import type { IncomingMessage, ServerResponse } from "node:http";
import { type Address, type ErrorCode, formatAddress, formatNodeIdentity, NODE_HEADER } from "@synod/api";
import { onTestFinished } from "vitest";
import { type ChatClient, type ChatOptions, connectChat } from "../../src/index.ts";
import { refuse, say } from "../key-value/stand-in-gateway.ts";
import { type StandIn, startStandIn } from "../stand-in-server.ts";

/** A body of a write. */
export interface ChatBody {
  readonly user?: string;
  readonly password?: string;
  readonly new_password?: string;
  readonly token?: string;
  readonly to?: string;
  readonly text?: string;
  readonly ids?: readonly number[];
  readonly session?: { client: string; openedAt: number; sequence: number; firstUnacknowledged: number };
  readonly timeout_ms: number;
}

interface Message {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly time: number;
  readonly read: boolean;
}

/** The chat that several nodes share, and what came of numbered writes, as the replicas keep it; as little as will do. */
export class StandInState {
  readonly passwords = new Map<string, string>();
  /** Users by the tokens of their logins. */
  readonly logins = new Map<string, string>();
  messages: Message[] = [];
  readonly sessions = new Map<string, number>();
  readonly #results = new Map<string, object | ErrorCode>();

  open(client: string): number {
    const known = this.sessions.get(client) ?? this.sessions.size + 1;
    this.sessions.set(client, known);
    return known;
  }

  write(path: string, body: ChatBody, login: string): object | ErrorCode {
    const { session } = body;
    if (session === undefined) return this.#carryOut(path, body, login);
    if (this.sessions.get(session.client) !== session.openedAt) return "session-expired";
    const name = `${session.client}/${session.sequence}`;
    const result = this.#results.get(name) ?? this.#carryOut(path, body, login);
    this.#results.set(name, result);
    return result;
  }

  #carryOut(path: string, { user = "", password = "", token = "", ...body }: ChatBody, login: string) {
    if (path === "/chat/accounts") {
      if (this.passwords.has(user)) return "username-taken";
      this.passwords.set(user, password);
      return { user };
    }
    if (path === "/chat/logins") {
      if (!this.passwords.has(user)) return "no-such-user";
      if (this.passwords.get(user) !== password) return "incorrect-password";
      this.logins.set(token, user);
      return { user, token, unread: this.unread(user).length };
    }
    const me = this.logins.get(login);
    if (me === undefined) return "not-logged-in";
    const ids = new Set(body.ids);
    switch (path) {
      case "/chat/messages": {
        const { to = "", text = "" } = body;
        if (!this.passwords.has(to)) return "no-such-recipient";
        const message = { id: (this.messages.at(-1)?.id ?? 0) + 1, from: me, to, text, time: 5, read: false };
        this.messages.push(message);
        return { message };
      }
      case "/chat/read": {
        const before = this.unread(me).length;
        this.messages = this.messages.map((one) => (one.to === me && ids.has(one.id) ? { ...one, read: true } : one));
        const unread = this.unread(me).length;
        return { count: before - unread, unread };
      }
      case "/chat/delete": {
        const before = this.messages.length;
        this.messages = this.messages.filter(({ id }) => !ids.has(id));
        return { count: before - this.messages.length };
      }
      case "/chat/password":
        if (this.passwords.get(me) !== password) return "incorrect-password";
        this.passwords.set(me, body.new_password ?? "");
        return { user: me };
      case "/chat/logout":
        this.logins.delete(login);
        return { user: me };
      case "/chat/account/delete":
        this.passwords.delete(me);
        this.logins.delete(login);
        return { user: me };
      default:
        return "not-found";
    }
  }

  unread(me: string): Message[] {
    return this.messages.filter(({ to, read }) => to === me && !read);
  }

  ask(path: string, query: URLSearchParams, login: string): object | ErrorCode {
    const [, asked] = /^\/chat\/accounts\/(.+)$/.exec(path) ?? [];
    if (asked !== undefined) return { user: asked, exists: this.passwords.has(decodeURIComponent(asked)) };
    const me = this.logins.get(login);
    if (me === undefined) return "not-logged-in";
    const [, peer] = /^\/chat\/conversations\/(.+)$/.exec(path) ?? [];
    const mine = this.messages.filter(({ from, to }) => from === me || to === me);
    if (peer !== undefined) return { messages: mine, next: null };
    const unread = this.unread(me);
    switch (path) {
      case "/chat/accounts":
        return { users: [...this.passwords.keys()].sort(), next: query.get("limit") === "1" ? "alice" : null };
      case "/chat/login":
        return { user: me, unread: unread.length };
      case "/chat/unread":
        return { messages: unread, next: null, unread: unread.length };
      case "/chat/conversations": {
        const last = mine.at(-1);
        const one = { with: "bob", messages: mine.length, unread: unread.length, last };
        return { conversations: last ? [one] : [], next: null, unread: unread.length };
      }
      default:
        return "not-found";
    }
  }
}

/** What a test does with a request instead of answering it: `answer` does that. */
type Instead = (response: ServerResponse, answer: () => void) => void;

/** What arrived. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: ChatBody;
  readonly headers: IncomingMessage["headers"];
}

/** A node of a chat in this process, which does what a test says. */
export class StandInChat {
  readonly state: StandInState;
  /** All but openings of sessions and streams. */
  readonly asked: Asked[] = [];
  /** Open streams, in the order in which they were asked for. */
  readonly streams: { readonly response: ServerResponse; readonly headers: IncomingMessage["headers"] }[] = [];
  /** Taken for the next requests, one each; no openings of sessions. */
  readonly instead: Instead[] = [];
  #server: StandIn | null = null;

  constructor(state: StandInState) {
    this.state = state;
  }

  static async started(state = new StandInState()): Promise<StandInChat> {
    const chat = new StandInChat(state);
    chat.#server = await startStandIn((request, response) => void chat.#take(request, response));
    return chat;
  }

  get address(): Address {
    if (this.#server === null) throw new Error("it is not started");
    return this.#server.address;
  }

  /** Tells on the last stream. */
  tell(event: string, id: number, data: object = {}): void {
    this.streams.at(-1)?.response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    const { headers, method = "" } = request;
    const { pathname: path, searchParams: query } = new URL(request.url ?? "", "http://chat");
    const login = String(headers["synod-login"] ?? "");
    const body = (text === "" ? {} : JSON.parse(text)) as ChatBody;
    response.setHeader(NODE_HEADER, formatNodeIdentity({ name: "gateway1", clusterId: "cluster-a" }));
    if (path === "/chat/sessions") {
      const { client } = body as unknown as { client: string };
      return say(response, { client, openedAt: this.state.open(client), firstSequence: 2, slot: 1 });
    }
    if (path === "/chat/events" && this.state.logins.has(login)) {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      this.streams.push({ response, headers });
      return;
    }
    this.asked.push({ method, path, query, body, headers });
    const answer = () => {
      const said = method === "GET" ? this.state.ask(path, query, login) : this.state.write(path, body, login);
      if (typeof said === "string") refuse(response, said);
      else say(response, said);
    };
    const instead = this.instead.shift();
    if (instead) instead(response, answer);
    else answer();
  }
}

/** A client of these nodes, which is ended with the test; patient, unless it is told otherwise. */
export function clientOf(nodes: readonly (StandInChat | Address)[], options: Partial<ChatOptions> = {}): ChatClient {
  const ending = new AbortController();
  const client = connectChat({
    servers: nodes.map((one) => `http://${formatAddress(one instanceof StandInChat ? one.address : one)}`),
    ...{ timeoutMs: 30_000, serverTimeoutMs: 30_000, signal: ending.signal },
    ...options,
  });
  onTestFinished(async () => {
    ending.abort();
    await client.close();
  });
  return client;
}
