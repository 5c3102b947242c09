import { askChat, askInName } from "../chat/ask-chat.js";
import { CHAT_OPTIONS, LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { SAID } from "../chat/chat-text.js";
import { PASSWORD_OPTIONS, passwordGiven } from "../chat/password.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";

export const chatLogin: Command = {
  usage: "chat login <user>",
  summary: "Log in to the chat: the commands that follow are in this name, until logout",
  examples: [
    ["synod chat login alice", "asks for the password, which nobody sees"],
    ["synod chat login alice --password-file alice.txt", "for scripts; or < alice.txt"],
    ["synod chat login bob && synod chat read --as bob", "with several logged in, --as says in whose name"],
  ],
  positionals: { user: { type: "string", describe: "The user's name" } },
  options: { ...PASSWORD_OPTIONS, ...CHAT_OPTIONS },
  run: async (args, terminal) => {
    const password = await passwordGiven(args, terminal, String(args["user"]));
    return askChat(args, terminal, async ({ client, logins }) => {
      const { user, token, unreadAtFirst } = await client.logIn(String(args["user"]), password);
      logins.keep({ user, token, clusterId: client.clusterId ?? "unknown" });
      terminal.line(SAID.loggedIn(user, unreadAtFirst));
      return { exitCode: ExitCode.done, document: { user, unread: unreadAtFirst, warnings: terminal.warnings } };
    });
  },
};

export const chatLogout: Command = {
  usage: "chat logout",
  summary: "End a login, here and at every node",
  examples: [["synod chat logout --as alice", "whoever else has the token is logged out, too"]],
  options: LOGIN_OPTIONS,
  run: (args, terminal) =>
    askInName(args, terminal, async (login, { logins }) => {
      const { user } = login;
      await login.logOut();
      logins.forget(user);
      terminal.line(SAID.loggedOut(user));
      return { exitCode: ExitCode.done, document: { user, warnings: terminal.warnings } };
    }),
};
