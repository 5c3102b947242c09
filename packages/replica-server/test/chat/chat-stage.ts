import { type EngineName, LOGIN_HEADER } from "@synod/api";
import type { NodeTuning } from "../../src/index.ts";
import { ChangeReader } from "../change-reader.ts";
import { type Answer, ClusterStage, COMPACT, RAFT, until } from "../cluster-stage.ts";

/** Hashing that costs nothing: what it costs is no matter of these tests. */
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };

/** Anybody's, in these tests. */
export const PASSWORD = "correct horse";

/** A login, for the requests that are made in somebody's name. */
export class Login {
  constructor(
    readonly stage: ChatStage,
    readonly user: string,
    public token: string,
    readonly unread: number,
  ) {}

  ask(request: string, body?: unknown, at = "gateway1"): Promise<Answer> {
    return this.stage.ask(request, body, at, this.headers);
  }

  get headers(): Record<string, string> {
    return { [LOGIN_HEADER]: this.token };
  }

  send(to: string, text: string, at?: string): Promise<Answer> {
    return this.ask("POST /chat/messages", { to, text }, at);
  }

  /** Their stream of what is new, at this node, once it has started. */
  async events(at = "gateway1", lastEventId?: string, query = ""): Promise<ChangeReader> {
    const url = this.stage.cluster.url(at, `/chat/events${query}`);
    const reader = await ChangeReader.open(url, lastEventId, this.headers);
    await until("it has started", () => reader.startedAfter !== null);
    return reader;
  }

  /** The texts of the last messages with somebody. */
  async texts(peer: string, at?: string): Promise<string[]> {
    const { body } = await this.ask(`GET /chat/conversations/${peer}`, undefined, at);
    return body.messages.map(({ text }: { text: string }) => text);
  }
}

/** A chat in this process, whose accounts are as many as a test likes. */
export class ChatStage {
  private constructor(readonly cluster: ClusterStage) {}

  /** Three nodes that are all roles, for all tests of a file: whoever starts it ends it. */
  static async onThreeNodes(engine: EngineName, tuning: NodeTuning = {}): Promise<ChatStage> {
    const shape = engine === "raft" ? RAFT : COMPACT;
    const cheap = { ...tuning, chat: { passwords: CHEAP, ...tuning.chat } };
    return new ChatStage(await ClusterStage.forFile({ engine, shape, application: "chat", tuning: cheap }));
  }

  end(): Promise<void> {
    return this.cluster.end();
  }

  ask(request: string, body?: unknown, at = "gateway1", headers: Record<string, string> = {}): Promise<Answer> {
    return this.cluster.ask(at, request, body, headers);
  }

  create(user: string, at?: string, more: object = {}): Promise<Answer> {
    return this.ask("POST /chat/accounts", { user, password: PASSWORD, ...more }, at);
  }

  async logIn(user: string, at?: string): Promise<Login> {
    const { status, body } = await this.ask("POST /chat/logins", { user, password: PASSWORD }, at);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return new Login(this, user, body.token, body.unread);
  }

  /** Somebody new, who is logged in. */
  async somebody(user: string, at?: string): Promise<Login> {
    const { status, body } = await this.create(user, at);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return this.logIn(user, at);
  }
}
