import {
  type ChatMessage,
  type ChatResult,
  type GatewayReply,
  type GatewayRequest,
  type Json,
  SESSION_LIMITS,
  type SessionLimits,
} from "@synod/state-machines";
import { type Came, Oracle } from "../multipaxos/oracle.js";
import type { RaftKinds } from "../raft/raft-kinds.js";
import { isSame } from "../world/canonical.js";
import type { WorldEvent } from "../world/world-event.js";
import { userOfToken } from "./chat-asking.js";
import { ChatModel } from "./chat-model.js";
import type { ChatReport } from "./properties.js";
import { ToldMessages } from "./told-messages.js";

type Event = WorldEvent<RaftKinds>;
type Read = GatewayReply & { readonly kind: "read" };
type Written = GatewayReply & { readonly kind: "written" };

/** What a question may be answered, as far as it is looked into here. */
interface Told {
  readonly refused?: string;
  readonly messages?: readonly ChatMessage[];
  readonly conversations?: readonly { readonly with: string; readonly unread: number; readonly last: ChatMessage }[];
  readonly news?: readonly { readonly slot: number; readonly news: { readonly message?: ChatMessage } }[];
  readonly unread?: number;
}

/** Watches what people are told of a chat, and holds it against lists of all that was done in it. */
export class ChatRules {
  readonly #model = new ChatModel();
  /** Replays what is applied, wherever that is first. */
  readonly #oracle: Oracle;
  readonly #messages: ToldMessages;
  readonly #asked = new Map<string, GatewayRequest>();
  readonly #refused = new Map<string, string>();
  readonly #sent = new Set<string>();

  constructor(limits: Partial<SessionLimits>) {
    this.#oracle = new Oracle({ ...SESSION_LIMITS, ...limits }, this.#model);
    this.#messages = new ToldMessages(this.#model);
  }

  observe(event: Event, report: ChatReport): void {
    switch (event.kind) {
      case "request":
        if (typeof event.command !== "string" && "timeoutMs" in event.command)
          this.#asked.set(event.requestId, event.command);
        return;
      case "apply":
        if (typeof event.command === "string" && event.slot === this.#oracle.through + 1)
          this.#applied(event.command, report);
        return;
      case "reply": {
        const asked = this.#asked.get(event.requestId);
        this.#asked.delete(event.requestId);
        if (asked) this.#replied(event.requestId, asked, event.reply, report);
        return;
      }
    }
  }

  #applied(value: string, report: ChatReport): void {
    // Of a chat each command has a slot of its own.
    const { isCarriedOut, operation, result } = this.#oracle.replay(value)[0] as Came;
    const { text } = (operation as { readonly text?: string } & Json) ?? {};
    if (!isCarriedOut || text === undefined || (result as unknown as ChatResult).answer !== "sent") return;
    if (this.#sent.has(text)) report("messages-come-once", `"${text}" is sent again: ${value}`);
    this.#sent.add(text);
    const refused = this.#refused.get(text);
    if (refused !== undefined) report("refused-is-not-sent", `${refused} was refused, and "${text}" is sent`);
  }

  #replied(requestId: string, asked: GatewayRequest, reply: GatewayReply, report: ChatReport): void {
    if (asked.kind === "read" && reply.kind === "read") this.#read(requestId, asked.query, reply, report);
    if (asked.kind !== "write") return;
    if (reply.kind === "written") this.#written(requestId, reply, report);
    const { text } = asked.operation as { readonly text?: string };
    // A client that numbers its commands itself may have asked another gateway for the same.
    if (reply.kind !== "refused" || asked.session !== null || text === undefined) return;
    this.#refused.set(text, requestId);
    if (this.#sent.has(text)) report("refused-is-not-sent", `"${text}" is sent, and ${requestId} was refused`);
  }

  #written(requestId: string, { slot, result }: Written, report: ChatReport): void {
    const told = result as unknown as ChatResult;
    const [came] = this.#oracle.came(slot);
    if (came?.kind !== "result") return;
    const ought = came.result as unknown as ChatResult;
    const said = `${requestId} was told ${JSON.stringify(told)}, and slot ${slot} came to ${JSON.stringify(ought)}`;
    const isDone = (one: ChatResult) => DONE.has(one.answer);
    if (isDone(told) && !isDone(ought)) report("nobody-acts-for-another", said);
    if (told.answer === "deleted" && ought.answer === "deleted") {
      if (told.count > ought.count) report("nobody-acts-for-another", said);
      if (told.count < ought.count) report("messages-are-kept", said);
    }
    if ("unread" in told && "unread" in ought && !isSame(told, ought)) report("unread-counts-are-right", said);
    if (told.answer === "sent") this.#messages.told(`${requestId}, which sent it,`, told.message, report);
  }

  #read(requestId: string, query: Json, { slot, answer, learner }: Read, report: ChatReport): void {
    if (slot > this.#oracle.through) return;
    const { type, token = "" } = query as { readonly type: string; readonly token?: string };
    const ought = this.#oracle.answer(query, slot, answer) as unknown as Told;
    const told = answer as unknown as Told;
    const who = `${requestId}, answered by ${learner} as of slot ${slot},`;
    if (ought.refused === "not-logged-in" && told.refused === undefined) {
      report("nobody-acts-for-another", `${who} is told something without a login that lives`);
    }
    const messages = [
      ...(told.messages ?? []),
      ...(told.conversations ?? []).map(({ last }) => last),
      ...(told.news ?? []).flatMap(({ news }) => news.message ?? []),
    ];
    for (const message of messages) {
      this.#messages.told(who, message, report);
      if (type !== "news") this.#messages.isThere(who, message, slot, report);
      if ([message.from, message.to].includes(userOfToken(token))) continue;
      report("nobody-acts-for-another", `${who} is told message ${message.id}, of ${message.from} to ${message.to}`);
    }
    if (type === "news") this.#news(who, told, ought, report);
    else if (type === "unread") this.#unread(who, told, ought, report);
    else if (told.messages && ought.messages) this.#messages.page(who, told.messages, ought.messages, report);
    if (told.unread !== undefined && ought.unread !== undefined && told.unread !== ought.unread) {
      report("unread-counts-are-right", `${who} is told that ${told.unread} are unread, and ${ought.unread} are`);
    }
    for (const { with: peer, unread } of told.conversations ?? []) {
      const is = ought.conversations?.find((one) => one.with === peer)?.unread ?? unread;
      if (is !== unread)
        report("unread-counts-are-right", `${who} is told that ${unread} of ${peer} are unread, and ${is} are`);
    }
  }

  #unread(who: string, told: Told, ought: Told, report: ChatReport): void {
    const [is, should] = [told, ought].map(({ messages = [] }) => messages.map(({ id }) => id).join(", "));
    if (is === should) return;
    report(
      "unread-counts-are-right",
      `${who} is told that ${is || "none"} are unread, and those are ${should || "none"}`,
    );
  }

  #news(who: string, told: Told, ought: Told, report: ChatReport): void {
    if (isSame(told, ought)) return;
    const inWords = ({ news = [] }: Told) => JSON.stringify(news);
    report("watchers-miss-nothing", `${who} is told the news ${inWords(told)}, and those are ${inWords(ought)}`);
  }
}

/** What is done in somebody's name. */
const DONE: ReadonlySet<string> = new Set<ChatResult["answer"]>([
  "logged-in",
  "logged-out",
  "password-set",
  "account-deleted",
  "sent",
  "marked",
  "deleted",
]);
