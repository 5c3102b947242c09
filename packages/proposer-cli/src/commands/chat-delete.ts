import { askInName } from "../chat/ask-chat.js";
import { LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { SAID } from "../chat/chat-text.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";

export const chatDelete: Command = {
  usage: "chat delete <ids..>",
  summary: "Delete messages of one's conversations, for both sides; exit 5 if there was none of them",
  examples: [["synod chat delete 12 13", "by the numbers that read and conversation show"]],
  positionals: { ids: { type: "string", array: true, describe: "The numbers of the messages" } },
  options: LOGIN_OPTIONS,
  run: async (args, terminal) => {
    const idOf = wholeNumber("the number of a message", 1, Number.MAX_SAFE_INTEGER);
    const ids = [...new Set((args["ids"] as string[]).map((word) => idOf(word.replace(/^#/, "")) as number))];
    const count = await askInName(args, terminal, (login) => login.deleteMessages(ids));
    terminal.line(SAID.deleted(count));
    const exitCode = count === 0 ? ExitCode.notFound : ExitCode.done;
    return { exitCode, document: { count, warnings: terminal.warnings } };
  },
};
