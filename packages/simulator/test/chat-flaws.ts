import { CHAT_ALWAYS } from "../src/chat/properties.ts";

/** What people see of a chat by themselves, without a look at the log under it. */
export const SEEN_IN_THE_CHAT = CHAT_ALWAYS.map(({ name }) => name);

/** The seed in which each flaw of the chat is looked for first, the last one, and what it breaks for those people. */
export const CAUGHT_IN_THE_CHAT: readonly [name: string, from: number, to: number, property: string][] = [
  ["loses-oldest", 29, 38, "messages-are-kept"],
  ["sends-as-another", 14, 23, "messages-come-once"],
  ["reuses-ids", 97, 101, "messages-come-once"],
  ["stamps-when-applied", 1, 5, "messages-come-once"],
  ["orders-by-text", 1, 5, "conversations-are-in-order"],
  ["forgets-unread", 3, 12, "unread-counts-are-right"],
  ["marks-what-is-told", 1, 5, "unread-counts-are-right"],
  ["keeps-ended-logins", 1, 5, "nobody-acts-for-another"],
  ["keeps-passwords", 1, 5, "nobody-acts-for-another"],
  ["believes-any-credential", 1, 5, "nobody-acts-for-another"],
  ["trusts-names", 1, 5, "nobody-acts-for-another"],
  ["deletes-anybodys", 3, 7, "nobody-acts-for-another"],
  ["keeps-pages", 2, 6, "deleted-is-gone"],
  ["unknown-is-refused", 4, 13, "refused-is-not-sent"],
  ["keeps-changes", 17, 26, "watchers-miss-nothing"],
  ["watches-names", 6, 15, "watchers-miss-nothing"],
  ["tells-again", 6, 10, "watchers-miss-nothing"],
];
