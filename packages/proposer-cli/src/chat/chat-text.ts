import type { ChatConversationsReply } from "@synod/api";
import type { ChatLoginEvent, ChatMessage } from "@synod/client";
import { legible } from "../terminal/legible.js";
import type { Terminal } from "../terminal/terminal.js";

type Colors = Terminal["colors"];

/** So that people are told apart at a glance: each has one of these, always the same. */
const HUES = ["cyan", "green", "yellow", "magenta", "blue", "red"] as const;

/** The name of a user, in the user's colour. */
export function userText(user: string, colors: Colors): string {
  let sum = 0;
  for (const character of user) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return colors[HUES[sum % HUES.length] ?? "cyan"](legible(user));
}

/** A message in a line, or more if its text has more: `#12 14:03 alice: hello`. @param now milliseconds since 1970 */
export function messageText(
  { id, from, text, time, read }: ChatMessage,
  me: string,
  colors: Colors,
  now: number,
): string {
  // Whoever wrote it wants to know whether it was read; whoever reads it does not.
  const unread = from === me && !read ? colors.dim(" (not read yet)") : "";
  const head = colors.dim(`#${id} ${timeText(time, now)}`);
  return `${head} ${userText(from, colors)}: ${bodyText(text)}${unread}`;
}

/** The lines of a text below each other. */
function bodyText(text: string): string {
  return text.split(/\r?\n/).map(legible).join("\n    ");
}

/** The time of the day here; with the day, if that was another one. */
function timeText(time: number, now: number): string {
  const [then, today] = [new Date(time), new Date(now)].map((date) => {
    const [year, month, day, hour, minute] = [
      ...[date.getFullYear(), date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()],
    ].map((part) => String(part).padStart(2, "0"));
    return { day: `${year}-${month}-${day}`, hour: `${hour}:${minute}` };
  });
  return then?.day === today?.day ? (then?.hour ?? "") : `${then?.day} ${then?.hour}`;
}

/** Characters of a message that stand for it in a list. */
const BEGINNING = 60;

/** A conversation in a line: with whom, how much, and how its last message begins. */
export function conversationText(
  { with: peer, messages, unread, last }: ChatConversationsReply["conversations"][number],
  me: string,
  colors: Colors,
  now: number,
): string {
  const counts = `${counted(messages, "message")}${unread > 0 ? colors.bold(`, ${unread} unread`) : ""}`;
  const [line = ""] = last.text.split(/\r?\n/);
  // Not in the midst of a pair of surrogates.
  const beginning = [...line].slice(0, BEGINNING).join("");
  const text = beginning === last.text ? last.text : `${beginning} ...`;
  return `${userText(peer, colors)}: ${counts}; ${messageText({ ...last, text }, me, colors, now)}`;
}

/** What happened, in a line. @param me whoever is told */
export function eventText(event: ChatLoginEvent, me: string, colors: Colors, now: number): string {
  switch (event.type) {
    case "message": {
      const to = event.message.from === me ? ` (to ${event.message.to})` : "";
      return `${messageText({ ...event.message, read: true }, me, colors, now)}${colors.dim(to)}`;
    }
    case "deleted":
      return event.conversations
        .map(
          ({ with: peer, ids }) =>
            `${counted(ids.length, "message")} with ${userText(peer, colors)} deleted: ${listed(ids)}`,
        )
        .join("; ");
    case "read":
      return event.conversations
        .map(({ from, ids }) => {
          const whose = from === me ? "yours" : `those of ${userText(from, colors)}`;
          return `${userText(event.by, colors)} has read ${whose}: ${listed(ids)}`;
        })
        .join("; ");
    case "account-deleted":
      return `Account '${legible(event.user)}' deleted, and the conversation with it.`;
    case "logged-out":
      return `User '${me}' logged out.`;
    case "resync":
      return "some changes were missed: look at the conversations anew";
  }
}

function listed(ids: readonly number[]): string {
  return ids.map((id) => `#${id}`).join(" ");
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What everything that succeeds is answered with, in the sentences that all chats of this kind have. */
export const SAID = {
  created: (user: string) => `New account '${user}' created.`,
  loggedIn: (user: string, unread: number) => `Logged in as '${user}'. Unread messages: ${unread}.`,
  loggedOut: (user: string) => `User '${user}' logged out.`,
  sent: (to: string, text: string) => `Message sent to '${to}': ${bodyText(text)}`,
  deleted: (count: number) => `Deleted ${count} messages.`,
  accountDeleted: (user: string) => `Account '${user}' deleted.`,
  passwordSet: (user: string) => `The password of '${user}' is changed; all other logins have ended.`,
} as const;
