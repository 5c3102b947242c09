import type { ChatLogin, ChatMessage } from "@synod/client";
import { askInName } from "../chat/ask-chat.js";
import { LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { conversationText, messageText } from "../chat/chat-text.js";
import { given, LIMIT_OPTION, PAGE_OPTIONS, PEEK_OPTION } from "../chat/page-options.js";
import type { Arguments, Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { name } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

export const chatRead: Command = {
  usage: "chat read",
  summary: "Show the messages that one has not read, the oldest first, and mark them as read",
  examples: [
    ["synod chat read", "of all senders"],
    ["synod chat read --from alice --peek --json", "of one, and leave them unread"],
  ],
  options: {
    from: { type: "string", describe: "Of this sender alone", coerce: name("--from") },
    ...LIMIT_OPTION,
    ...PEEK_OPTION,
    ...LOGIN_OPTIONS,
  },
  run: (args, terminal) =>
    askInName(args, terminal, async (login) => {
      const page = await login.unread(given(args, "from", "limit"));
      show(page.messages, login, terminal);
      const unread = await markShown(page.messages, login, args);
      const left = unread ?? page.unread;
      if (page.messages.length === 0) terminal.note("nothing is unread");
      else if (left > 0 && args["peek"] !== true) terminal.note(`there are ${left} more that are unread`);
      const document = { ...page, unread: left, warnings: terminal.warnings };
      return { exitCode: ExitCode.done, document };
    }),
};

export const chatConversation: Command = {
  usage: "chat conversation <user>",
  summary: "Show the last messages with somebody, a page of them, and mark them as read",
  examples: [
    ["synod chat conversation bob", "the last 50"],
    ["synod chat conversation bob --before 120 --limit 20", "the twenty before number 120"],
  ],
  positionals: { user: { type: "string", describe: "The other one" } },
  options: { ...PAGE_OPTIONS, ...PEEK_OPTION, ...LOGIN_OPTIONS },
  run: (args, terminal) =>
    askInName(args, terminal, async (login) => {
      const page = await login.conversation(String(args["user"]), given(args, "before", "limit"));
      show(page.messages, login, terminal);
      const isNew = ({ to, read }: ChatMessage) => to === login.user && !read;
      await markShown(page.messages.filter(isNew), login, args);
      if (page.messages.length === 0) terminal.note("there is no message");
      if (page.next !== null) terminal.note(`there are older ones: --before ${page.next}`);
      return { exitCode: ExitCode.done, document: { ...page, warnings: terminal.warnings } };
    }),
};

export const chatConversations: Command = {
  usage: "chat conversations",
  summary: "List one's conversations, the one with the newest message first, and how much of each is unread",
  examples: [["synod chat conversations --limit 10", "the last ten"]],
  options: { ...PAGE_OPTIONS, ...LOGIN_OPTIONS },
  run: (args, terminal) =>
    askInName(args, terminal, async (login) => {
      const page = await login.conversations(given(args, "before", "limit"));
      const now = Date.now();
      for (const one of page.conversations) {
        terminal.line(conversationText(one, login.user, terminal.colors, now));
      }
      if (page.conversations.length === 0) terminal.note("there is no conversation");
      if (page.next !== null) terminal.note(`there are older ones: --before ${page.next}`);
      return { exitCode: ExitCode.done, document: { ...page, warnings: terminal.warnings } };
    }),
};

function show(messages: readonly ChatMessage[], { user }: ChatLogin, terminal: Terminal): void {
  const now = Date.now();
  for (const message of messages) terminal.line(messageText(message, user, terminal.colors, now));
}

/** After they were shown: whoever ends here has seen them. @returns what is unread after that; null if nothing was marked */
async function markShown(messages: readonly ChatMessage[], login: ChatLogin, args: Arguments): Promise<number | null> {
  if (messages.length === 0 || args["peek"] === true) return null;
  return (await login.markRead(messages.map(({ id }) => id))).unread;
}
