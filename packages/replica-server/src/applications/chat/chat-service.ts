import { RequestRefused } from "@synod/acceptor-server";
import type {
  AccountAnswer,
  AccountsAnswer,
  ChatCounts,
  ChatOperation,
  ChatQuery,
  ChatRefusal,
  ChatResult,
  ConversationAnswer,
  ConversationsAnswer,
  CredentialAnswer,
  Json,
  LoginAnswer,
  SessionPosition,
  UnreadAnswer,
} from "@synod/state-machines";
import { type GatewayHost, LogCalls, type Written } from "../../people/log-calls.js";
import { refusedBy } from "./refused.js";

/** What comes of each operation that is carried out. */
const ANSWERS = {
  "create-account": "created",
  "log-in": "logged-in",
  "log-out": "logged-out",
  "set-password": "password-set",
  "delete-account": "account-deleted",
  send: "sent",
  "mark-read": "marked",
  "delete-messages": "deleted",
} as const satisfies Record<ChatOperation["type"], ChatResult["answer"]>;

type ResultOf<O extends ChatOperation> = Extract<ChatResult, { readonly answer: (typeof ANSWERS)[O["type"]] }>;

interface Answers {
  readonly account: AccountAnswer;
  readonly credential: CredentialAnswer;
  readonly login: LoginAnswer;
  readonly accounts: AccountsAnswer;
  readonly conversations: ConversationsAnswer;
  readonly conversation: ConversationAnswer;
  readonly unread: UnreadAnswer;
  readonly counts: ChatCounts;
}

type Question = Extract<ChatQuery, { readonly type: keyof Answers }>;

export interface HowToAct {
  readonly session: SessionPosition | null;
  /** How much time there is, in milliseconds. */
  readonly timeoutMs: number;
  /** Whom the request names, for what it is told if it is refused. */
  readonly user?: string;
}

export type HowToAsk = Omit<HowToAct, "session">;

/** The chat as its routes use it: whatever comes of a request that is no success is a `RequestRefused`. */
export class ChatService {
  readonly #calls: LogCalls;

  constructor(host: GatewayHost) {
    this.#calls = new LogCalls(host, "Read the conversation, or log in, to see", false);
  }

  /**
   * Acts, and answers once a node has applied it.
   *
   * @throws {RequestRefused} if the chat refuses it, it certainly did not happen, or nobody knows
   */
  async act<O extends ChatOperation>(operation: O, how: HowToAct): Promise<Written<ResultOf<O>>> {
    const { session, timeoutMs, user } = how;
    const written = await this.#calls.write(operation, { label: null, session, timeoutMs });
    const result = written.result as ChatResult;
    if (result.answer === ANSWERS[operation.type]) return written as unknown as Written<ResultOf<O>>;
    if (isRefusal(result)) throw refusedBy(result.answer, user);
    throw new RequestRefused(
      "bad-request",
      `body/session: its number ${session?.sequence} was that of another request, which was carried out; this one was ` +
        "not. Give each request a number of its own",
    );
  }

  /**
   * Opens a session for a client that numbers its writes itself.
   *
   * @throws {RequestRefused} as `act`
   */
  openSession(client: string, timeoutMs: number): Promise<Written<{ readonly openedAt: number }>> {
    return this.#calls.openSession(client, timeoutMs);
  }

  /** What all that was acknowledged before has led to. @throws {RequestRefused} if it cannot be told, or is not told to them */
  async ask<Q extends Question>(query: Q, { timeoutMs, user }: HowToAsk): Promise<Answers[Q["type"]]> {
    const how = { level: "strong", label: null, token: null, timeoutMs } as const;
    const { answer } = await this.#calls.read(query as unknown as Json, how);
    if (typeof answer === "object" && answer !== null && "refused" in answer) {
      throw refusedBy(answer.refused as ChatRefusal, user);
    }
    return answer as unknown as Answers[Q["type"]];
  }
}

/** Its answer is one of those that no operation has when it is carried out. */
function isRefusal(result: ChatResult): result is { readonly answer: ChatRefusal } {
  return !Object.values<string>(ANSWERS).includes(result.answer);
}
