import { askInName } from "../chat/ask-chat.js";
import { LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { SAID } from "../chat/chat-text.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { textGiven } from "../value-option.js";

export const chatSend: Command = {
  usage: "chat send <to> <text>",
  summary: "Send a message; it is sent once, whichever nodes it takes",
  examples: [
    ['synod chat send bob "are you there?"', "in the name of whoever is logged in here"],
    ["synod chat send bob - --as alice < letter.txt", "the text from stdin"],
  ],
  positionals: {
    to: { type: "string", describe: "The user whom it is for" },
    text: { type: "string", describe: "1 to 4000 characters; - reads it from stdin" },
  },
  options: LOGIN_OPTIONS,
  run: async (args, terminal) => {
    const given = String(args["text"]);
    const read = await textGiven("the text", given, terminal);
    // A file's last line has an end, which is no part of the message.
    const text = given === "-" ? read.replace(/\r?\n$/, "") : read;
    const message = await askInName(args, terminal, (login) => login.send(String(args["to"]), text));
    terminal.line(SAID.sent(message.to, message.text));
    return { exitCode: ExitCode.done, document: { message, warnings: terminal.warnings } };
  },
};
