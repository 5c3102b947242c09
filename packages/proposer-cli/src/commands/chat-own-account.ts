import { askInName } from "../chat/ask-chat.js";
import { LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { SAID } from "../chat/chat-text.js";
import { PASSWORD_OPTIONS, passwordChange } from "../chat/password.js";
import type { Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";

export const chatPassword: Command = {
  usage: "chat password",
  summary: "Change one's password; all other logins of the account end",
  examples: [
    ["synod chat password", "asks for the old one, and twice for the new one"],
    [`printf '%s\\n' "$OLD" "$NEW" | synod chat password --as alice`, "for scripts: a line each, or --password-file"],
  ],
  options: { ...PASSWORD_OPTIONS, ...LOGIN_OPTIONS },
  run: (args, terminal) =>
    askInName(args, terminal, async (login) => {
      const { user } = login;
      await login.setPassword(...(await passwordChange(args, terminal, user)));
      terminal.line(SAID.passwordSet(user));
      return { exitCode: ExitCode.done, document: { user, warnings: terminal.warnings } };
    }),
};

export const chatDeleteAccount: Command = {
  usage: "chat delete-account",
  summary: "Delete one's account, and its conversations, on both sides",
  examples: [["synod chat delete-account --as alice --yes", "it cannot be brought back"]],
  options: {
    yes: { type: "boolean", default: false, describe: "That is what is wanted" },
    ...LOGIN_OPTIONS,
  },
  run: (args, terminal) => {
    if (args["yes"] !== true) {
      throw new UsageError("the account goes for good, and takes its conversations along, on both sides: say --yes");
    }
    return askInName(args, terminal, async (login, { logins }) => {
      const { user } = login;
      await login.deleteAccount();
      logins.forget(user);
      terminal.line(SAID.accountDeleted(user));
      return { exitCode: ExitCode.done, document: { user, warnings: terminal.warnings } };
    });
  },
};
