import { KeyPatterns } from "../key-value/patterns.js";
import type { Account } from "./account.js";
import type { ChatState } from "./chat-state.js";
import {
  type AccountsAnswer,
  type ChatAnswer,
  type ChatQuery,
  type ConversationAnswer,
  type ConversationSummary,
  type ConversationsAnswer,
  type UnreadAnswer,
  USUAL_CHAT_PAGE,
} from "./queries.js";

/** What a chat answers to a question. */
export function answerOf(state: ChatState, query: ChatQuery): ChatAnswer {
  switch (query.type) {
    case "account":
      return { user: query.user, exists: state.account(query.user) !== null };
    case "credential": {
      const account = state.account(query.user);
      return account && { credential: account.credential, password: account.password };
    }
    case "counts": {
      const { accountCount: accounts, messageCount: messages, loginCount: logins } = state;
      return { accounts, messages, logins };
    }
    default: {
      const account = state.loggedIn(query.token);
      return account === null ? { refused: "not-logged-in" } : answerTo(state, account, query);
    }
  }
}

function answerTo(
  state: ChatState,
  account: Account,
  query: Exclude<ChatQuery, { readonly type: "account" | "credential" | "counts" }>,
): ChatAnswer {
  switch (query.type) {
    case "login":
      return { user: account.user, unread: account.unread.size };
    case "accounts":
      return accountsPage(state, query);
    case "conversations":
      return conversationsPage(account, query);
    case "conversation":
      if (state.account(query.with) === null) return { refused: "no-such-user" };
      return conversationPage(account, query);
    case "unread":
      if (query.from !== undefined && state.account(query.from) === null) return { refused: "no-such-user" };
      return unreadPage(state, account, query);
  }
}

function accountsPage(
  state: ChatState,
  { pattern = "*", after = "", limit = USUAL_CHAT_PAGE }: ChatQuery & { readonly type: "accounts" },
): AccountsAnswer {
  const patterns = KeyPatterns.parse([pattern]);
  const users: string[] = [];
  if ("error" in patterns) return { users, next: null };
  for (const name of state.namesFrom(after)) {
    if (name === after || !patterns.matches(name)) continue;
    if (users.length === limit) return { users, next: users.at(-1) ?? null };
    users.push(name);
  }
  return { users, next: null };
}

function conversationsPage(
  account: Account,
  { before = Number.MAX_SAFE_INTEGER, limit = USUAL_CHAT_PAGE }: ChatQuery & { readonly type: "conversations" },
): ConversationsAnswer {
  const older = [];
  for (const [peer, conversation] of account.conversations) {
    const { last } = conversation;
    if (last !== null && last.id < before) older.push({ peer, conversation, last });
  }
  older.sort((one, other) => other.last.id - one.last.id);
  const conversations = older.slice(0, limit).map(({ peer, conversation, last }): ConversationSummary => {
    return { with: peer, messages: conversation.length, unread: conversation.unreadOf(account.user), last };
  });
  const next = older.length > limit ? (conversations.at(-1)?.last.id ?? null) : null;
  return { conversations, next, unread: account.unread.size };
}

function conversationPage(
  account: Account,
  {
    with: peer,
    before = Number.MAX_SAFE_INTEGER,
    limit = USUAL_CHAT_PAGE,
  }: ChatQuery & { readonly type: "conversation" },
): ConversationAnswer {
  const conversation = account.conversations.get(peer);
  const messages = conversation?.pageBefore(before, limit) ?? [];
  const [first] = messages;
  const isMore = first !== undefined && first.id !== conversation?.first?.id;
  return { messages, next: isMore ? first.id : null };
}

function unreadPage(
  state: ChatState,
  account: Account,
  { from, after = 0, limit = USUAL_CHAT_PAGE }: ChatQuery & { readonly type: "unread" },
): UnreadAnswer {
  const messages = [];
  let next: number | null = null;
  for (const id of account.unread) {
    const message = id > after ? state.conversationOf(id)?.message(id) : null;
    if (!message || (from !== undefined && message.from !== from)) continue;
    if (messages.length === limit) {
      next = messages.at(-1)?.id ?? null;
      break;
    }
    messages.push(message);
  }
  return { messages, next, unread: account.unread.size };
}
