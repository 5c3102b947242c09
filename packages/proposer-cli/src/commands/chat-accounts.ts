import { askChat, askInName } from "../chat/ask-chat.js";
import { CHAT_OPTIONS, LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { SAID, userText } from "../chat/chat-text.js";
import { given, LIMIT_OPTION } from "../chat/page-options.js";
import { PASSWORD_OPTIONS, passwordChosen } from "../chat/password.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { name } from "../terminal/option-values.js";

const USER = { type: "string", describe: "The user's name: 1 to 32 of a-z, 0-9, _ . and -" } as const;

export const chatCreate: Command = {
  usage: "chat create <user>",
  summary: "Make an account of the chat; that logs nobody in",
  examples: [
    ["synod chat create alice", "asks for a password, twice, which nobody sees"],
    ["synod chat create alice --password-file alice.txt", "for scripts; or < alice.txt"],
  ],
  positionals: { user: USER },
  options: { ...PASSWORD_OPTIONS, ...CHAT_OPTIONS },
  run: async (args, terminal) => {
    const user = String(args["user"]);
    const password = await passwordChosen(args, terminal, user);
    await askChat(args, terminal, ({ client }) => client.createAccount(user, password));
    terminal.line(SAID.created(user));
    return { exitCode: ExitCode.done, document: { user, warnings: terminal.warnings } };
  },
};

export const chatAvailable: Command = {
  usage: "chat available <user>",
  summary: "Say whether an account of this name could be made; exit 5 if the name is taken",
  examples: [["synod chat available alice && synod chat create alice", "nobody need be logged in"]],
  positionals: { user: USER },
  options: CHAT_OPTIONS,
  run: async (args, terminal) => {
    const user = String(args["user"]);
    const isTaken = await askChat(args, terminal, ({ client }) => client.isTaken(user));
    terminal.line(isTaken ? "Username already exists." : `Nobody is called '${user}'.`);
    const document = { user, available: !isTaken, warnings: terminal.warnings };
    return { exitCode: isTaken ? ExitCode.notFound : ExitCode.done, document };
  },
};

export const chatAccounts: Command = {
  usage: "chat accounts [pattern]",
  summary: "List the accounts of the chat, by their names, a page at a time",
  examples: [
    ["synod chat accounts", "the first 50"],
    ["synod chat accounts 'a*' --limit 10 --after alice", "those that begin with an a, ten behind alice"],
  ],
  positionals: {
    pattern: { type: "string", describe: "A glob: * is any characters, ? one or more; quoted for the shell" },
  },
  options: {
    after: { type: "string", describe: "Names behind this one", coerce: name("--after") },
    ...LIMIT_OPTION,
    ...LOGIN_OPTIONS,
  },
  run: async (args, terminal) => {
    const page = await askInName(args, terminal, (login) => login.accounts(given(args, "pattern", "after", "limit")));
    for (const user of page.users) terminal.line(userText(user, terminal.colors));
    if (page.next !== null) terminal.note(`there are more: --after ${page.next}`);
    return { exitCode: ExitCode.done, document: { ...page, warnings: terminal.warnings } };
  },
};
