import type { Problem } from "@synod/api";

/** What the chat says for each of its refusals, where a server tells programs more. */
const SENTENCES: Partial<Readonly<Record<Problem["code"], string>>> = {
  "not-logged-in": "Not logged in.",
  "no-such-user": "No such user.",
  "no-such-recipient": "Recipient does not exist.",
  "username-taken": "Username already exists.",
  "incorrect-password": "Incorrect password.",
  "outcome-unknown": "Nobody said in time whether it happened.",
  "chat-full": "The chat holds as much as it may: deleted messages and accounts make room.",
};

/** Why a server refused something, for people. */
export function refusalInWords({ code, detail }: Problem): string {
  return SENTENCES[code] ?? asSentence(detail);
}

/** Without an answer. @param why such as `no connection` */
export function silenceInWords(why: string): string {
  return asSentence(why);
}

function asSentence(text: string): string {
  const sentence = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
