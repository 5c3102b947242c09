import { textsOf } from "../multipaxos/properties.js";

/** What a chat never does, beside what the log under it never does. */
const ALWAYS = {
  "messages-are-kept": "a message that was sent is in its conversation, at every server, until somebody deletes it",
  "messages-come-once": "no text that was sent once is there twice, and an id names one message, the same to everybody",
  "conversations-are-in-order": "the messages of a conversation are told in the order in which they were sent",
  "unread-counts-are-right": "what is said to be unread, and how much of it, is what was sent and not marked",
  "nobody-acts-for-another":
    "without a login that lives nothing is done and nothing told, and with one nothing of others",
  "deleted-is-gone": "a message that was deleted is in no conversation any more, at no server",
  "refused-is-not-sent": "a message that was refused is not sent, ever",
  "watchers-miss-nothing": "who watches is told every change of their own once and in order, or that some are gone",
} as const;

export type ChatReport = (property: keyof typeof ALWAYS, sentence: string) => void;

export const CHAT_ALWAYS = textsOf(ALWAYS);
