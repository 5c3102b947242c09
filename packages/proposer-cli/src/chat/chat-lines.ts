import { UsageError } from "../terminal/exit-code.js";
import { noSuchCommand } from "../terminal/suggestion.js";

/** What can be typed at the chat's prompt. */
interface Form {
  readonly usage: string;
  readonly summary: string;
  /** Words behind the command. */
  readonly least: number;
  readonly most: number;
}

const FORMS = {
  create: { usage: "create <user>", summary: "make an account; the password is asked for, unseen", least: 1, most: 1 },
  login: { usage: "login <user>", summary: "log in; the password is asked for, unseen", least: 1, most: 1 },
  list: { usage: "list [pattern]", summary: "accounts, all or those of a glob: list 'a*'", least: 0, most: 1 },
  send: {
    usage: "send <user> <text>",
    summary: "send a message",
    least: 2,
    most: Number.POSITIVE_INFINITY,
  },
  read: { usage: "read [user]", summary: "what is unread, of all or of one, and mark it as read", least: 0, most: 1 },
  conversations: { usage: "conversations", summary: "who you speak with, the newest first", least: 0, most: 0 },
  open: { usage: "open <user>", summary: "a conversation: what you type then is sent", least: 1, most: 1 },
  close: { usage: "close", summary: "leave the conversation", least: 0, most: 0 },
  more: { usage: "more", summary: "the next page of what was shown last", least: 0, most: 0 },
  delete: {
    usage: "delete <number> ...",
    summary: "delete messages, for both sides",
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  password: { usage: "password", summary: "change the password; all other logins end", least: 0, most: 0 },
  logout: { usage: "logout", summary: "end the login", least: 0, most: 0 },
  "delete-account": {
    usage: "delete-account <user>",
    summary: "delete your account (say its name), with all its conversations",
    least: 1,
    most: 1,
  },
  help: { usage: "help", summary: "this", least: 0, most: 0 },
  exit: { usage: "exit", summary: "(quit, Ctrl-D) leave; the login is kept until logout", least: 0, most: 0 },
} as const satisfies Record<string, Form>;

type ChatCommand = keyof typeof FORMS;

/** A line: a command and the words behind it; `say`: a text for the conversation that is open. */
export interface ChatLine {
  readonly command: ChatCommand | "say";
  readonly words: readonly string[];
}

const COMMANDS = Object.keys(FORMS) as ChatCommand[];

/** Commands whose first word is a user's name. */
const ABOUT_USERS: ReadonlySet<string> = new Set<ChatCommand>(["login", "send", "read", "open"]);

/**
 * What a line says; null for an empty one. While a conversation is open, lines are texts, and those that begin with a slash
 * are commands; a text that begins with one begins with two.
 *
 * @throws {UsageError} if there is no such command, or it takes other words
 */
export function chatLine(line: string, isOpen: boolean): ChatLine | null {
  if (line.trim() === "") return null;
  if (isOpen && !line.startsWith("/")) return { command: "say", words: [line] };
  if (isOpen && line.startsWith("//")) return { command: "say", words: [line.slice(1)] };
  const [, word = "", rest = ""] = /^\s*\/?(\S*)\s*(.*)$/s.exec(line) ?? [];
  const typed = word.toLowerCase() === "quit" ? "exit" : word.toLowerCase();
  const command = COMMANDS.find((one) => one === typed);
  if (command === undefined) {
    const complaint = noSuchCommand(word, COMMANDS);
    throw new UsageError(`${complaint}${complaint.endsWith("?") ? "" : "."} help lists what there is`);
  }
  const words = command === "send" ? sendWords(rest) : rest.split(/\s+/).filter((one) => one !== "");
  const { usage, least, most } = FORMS[command];
  if (words.length >= least && words.length <= most) return { command, words };
  const isSecretThere = (command === "login" || command === "create") && words.length > most;
  throw new UsageError(`it is ${usage}${isSecretThere ? ": the password is asked for, and nobody sees it" : ""}`);
}

/** The name, and the text as it was typed. */
function sendWords(rest: string): string[] {
  const [, to = "", text = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  return [to, text].filter((one) => one !== "");
}

/** Whether a line may be kept: whoever types a password where none belongs shall not find it in a file. */
export function isKept(line: string): boolean {
  return !/^\s*\/?(login|create|password|delete-account)\s+\S+\s+\S/i.test(line) && !/^\s*\/?password\s+\S/i.test(line);
}

/** What is completed in a line: a command, or somebody's name; null: nothing. */
export function toComplete(
  typed: string,
  isOpen: boolean,
): { readonly part: string; readonly of: "command" | "user" } | null {
  if (isOpen && !typed.startsWith("/")) return null;
  const [, word = "", name] = /^\s*\/?(\S*)(?:\s+(\S*))?$/.exec(typed) ?? [];
  if (typed !== "" && word === "" && name === undefined && !typed.startsWith("/")) return null;
  if (name === undefined) return { part: word, of: "command" };
  return ABOUT_USERS.has(word.toLowerCase()) ? { part: name, of: "user" } : null;
}

/** The commands that begin so, each with a space behind it if words follow. */
export function commandsFrom(part: string): string[] {
  return COMMANDS.filter((one) => one.startsWith(part)).map((one) => (FORMS[one].most > 0 ? `${one} ` : one));
}

/** What `help` prints. */
export const HELP: readonly string[] = [
  ...Object.values(FORMS).map(({ usage, summary }) => `${usage.padEnd(24)}${summary}`),
  "While a conversation is open, commands begin with a slash (/close), and a text that begins with one with two.",
];
