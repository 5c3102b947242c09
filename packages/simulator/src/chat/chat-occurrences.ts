import type { ChatResult, GatewayReply } from "@synod/state-machines";
import { textsOf } from "../multipaxos/properties.js";
import type { RaftKinds } from "../raft/raft-kinds.js";
import { OccurrencesBeside } from "../world/beside.js";
import type { Occurrences } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";

const SOMETIMES = {
  "messages-sent": "a message was sent",
  "conversations-told": "somebody was told a conversation of several messages",
  "unread-told": "somebody was told what they have not read",
  "messages-marked": "a message was marked as read",
  "messages-deleted": "a message was deleted",
  "passwords-set": "a password was changed",
  "accounts-deleted": "an account was deleted",
  "names-taken": "an account was refused, since its name is taken",
  "logins-ended": "something was refused, since the login that it named is none or has ended",
  "stale-credentials": "a login was refused, since the password changed after it was looked at",
  "chats-full": "a message was refused, since the chat is full",
  "news-told": "somebody who watches was told something",
  "news-gone": "somebody who watches was told that changes are gone",
} as const;

type Name = keyof typeof SOMETIMES;

const BY_ANSWER: { readonly [Answer in ChatResult["answer"]]?: Name } = {
  sent: "messages-sent",
  "password-set": "passwords-set",
  "account-deleted": "accounts-deleted",
  "username-taken": "names-taken",
  "not-logged-in": "logins-ended",
  "incorrect-password": "stale-credentials",
  "chat-full": "chats-full",
};

/** What must happen to a chat in some run, beside what must happen to every log. */
export const CHAT_SOMETIMES = textsOf(SOMETIMES);

/** Counts what a chat is about, beside what every log is about. */
export class ChatOccurrences extends OccurrencesBeside<RaftKinds, Name> {
  /** @param log counts what every log is about */
  constructor(log: Occurrences<RaftKinds>) {
    super(log, Object.keys(SOMETIMES) as Name[]);
  }

  protected override look(event: WorldEvent<RaftKinds>): void {
    if (event.kind === "reply") this.#replied(event.reply);
  }

  #replied(reply: GatewayReply): void {
    if (reply.kind === "written") {
      const result = reply.result as unknown as ChatResult;
      const name = BY_ANSWER[result.answer];
      if (name) this.count(name);
      if (result.answer === "marked" && result.count > 0) this.count("messages-marked");
      if (result.answer === "deleted" && result.count > 0) this.count("messages-deleted");
    }
    if (reply.kind !== "read" || reply.answer === null) return;
    const {
      messages = [],
      news = [],
      unread,
      compactedThrough = null,
    } = reply.answer as unknown as Partial<{
      readonly messages: readonly unknown[];
      readonly news: readonly unknown[];
      readonly unread: number;
      readonly compactedThrough: number | null;
    }>;
    if (messages.length > 0 && unread !== undefined) this.count("unread-told");
    if (messages.length > 1 && unread === undefined) this.count("conversations-told");
    if (news.length > 0) this.count("news-told");
    if (compactedThrough !== null) this.count("news-gone");
  }
}
