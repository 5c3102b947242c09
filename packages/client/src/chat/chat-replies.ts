import type {
  ChatAccountReply,
  ChatAccountsReply,
  ChatConversationReply,
  ChatConversationsReply,
  ChatDeleteReply,
  ChatEvent,
  ChatLogInReply,
  ChatLoginReply,
  ChatMarkReadReply,
  ChatMessageReply,
  ChatSendReply,
  ChatUnreadReply,
  ChatUserReply,
} from "@synod/api";
import { parseJson } from "../reply-form.js";

/** What happens, as a login's events tell it: all of `ChatEvent` but how far a connection is. */
export type ChatLoginEvent = Exclude<ChatEvent, { readonly type: "started" | "progress" }>;

/** Whether an answer has the form that its route promises: what has not was said by no gateway of a chat. */

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isNext(value: unknown): boolean {
  return value === null || isCount(value);
}

function isMessage(value: unknown): value is ChatMessageReply {
  const { id, from, to, text, time, read } = fieldsOf(value);
  return isCount(id) && isText(from) && isText(to) && isText(text) && isCount(time) && typeof read === "boolean";
}

export function isUserReply(body: unknown): body is ChatUserReply {
  return isText(fieldsOf(body)["user"]);
}

export function isAccountReply(body: unknown): body is ChatAccountReply {
  const { user, exists } = fieldsOf(body);
  return isText(user) && typeof exists === "boolean";
}

export function isAccountsReply(body: unknown): body is ChatAccountsReply {
  const { users, next } = fieldsOf(body);
  return isListOf(users, isText) && (next === null || isText(next));
}

export function isLogInReply(body: unknown): body is ChatLogInReply {
  const { user, token, unread } = fieldsOf(body);
  return isText(user) && isText(token) && isCount(unread);
}

export function isLoginReply(body: unknown): body is ChatLoginReply {
  const { user, unread } = fieldsOf(body);
  return isText(user) && isCount(unread);
}

export function isSendReply(body: unknown): body is ChatSendReply {
  return isMessage(fieldsOf(body)["message"]);
}

export function isMarkReadReply(body: unknown): body is ChatMarkReadReply {
  const { count, unread } = fieldsOf(body);
  return isCount(count) && isCount(unread);
}

export function isDeleteReply(body: unknown): body is ChatDeleteReply {
  return isCount(fieldsOf(body)["count"]);
}

export function isConversationsReply(body: unknown): body is ChatConversationsReply {
  const { conversations, next, unread } = fieldsOf(body);
  const isSummary = (one: unknown) => {
    const { with: peer, messages, unread: unreadOfIt, last } = fieldsOf(one);
    return isText(peer) && isCount(messages) && isCount(unreadOfIt) && isMessage(last);
  };
  return isListOf(conversations, isSummary) && isNext(next) && isCount(unread);
}

export function isConversationReply(body: unknown): body is ChatConversationReply {
  const { messages, next } = fieldsOf(body);
  return isListOf(messages, isMessage) && isNext(next);
}

export function isUnreadReply(body: unknown): body is ChatUnreadReply {
  return isConversationReply(body) && isCount(fieldsOf(body)["unread"]);
}

/** What an event of this name tells; null if it is none that this client knows, or tells how far the stream is alone. */
export function chatEventIn(name: string, data: string): ChatLoginEvent | null {
  const fields = fieldsOf(parseJson(data));
  return isEventOfType(name, fields) ? ({ ...fields, type: name } as unknown as ChatLoginEvent) : null;
}

function isEventOfType(name: string, { message, conversations, by, user }: Fields): boolean {
  switch (name) {
    case "message":
      return isMessage(message);
    case "deleted":
      return isListOf(conversations, (one) => isText(fieldsOf(one)["with"]) && areIds(fieldsOf(one)["ids"]));
    case "read":
      return (
        isText(by) && isListOf(conversations, (one) => isText(fieldsOf(one)["from"]) && areIds(fieldsOf(one)["ids"]))
      );
    case "account-deleted":
      return isText(user);
    default:
      return name === "logged-out" || name === "resync";
  }
}

function areIds(value: unknown): boolean {
  return isListOf(value, isCount);
}
