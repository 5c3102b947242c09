import { clientOf } from "../ledger/ask-ledger.js";
import { CLIENT_LINES, ClientPrompt } from "../ledger/client-prompt.js";
import { LEDGER_OPTIONS, ledgerServers } from "../ledger/ledger-servers.js";
import type { Command } from "../terminal/command.js";
import { wholeNumber } from "../terminal/option-values.js";
import { completingTo, Prompt } from "../terminal/prompt.js";

/** The clients that the original told apart. */
const MOST_CLIENTS = 999;

export const ledgerClient: Command = {
  usage: "ledger client <id>",
  summary: "Put and get at a prompt, or from stdin: a request after the other, while leaders come and go",
  examples: [
    ["synod ledger client 1", "and then: put 'alice' 10, get 'alice', print operationQueue, help"],
    [`echo "get 'alice'" | synod ledger client 2`, "a line a command; ends with the code of the first failure"],
  ],
  positionals: {
    id: {
      type: "string",
      describe: `The client's number, 1..${MOST_CLIENTS}: blocks name it`,
      coerce: wholeNumber("the client's id", 1, MOST_CLIENTS),
    },
  },
  options: LEDGER_OPTIONS,
  run: async (args, terminal) => {
    const servers = ledgerServers(args, terminal);
    const id = args["id"] as number;
    const prompt = new Prompt(terminal, { name: `client ${id}> `, complete: completingTo(CLIENT_LINES) });
    const leaving = prompt.interrupted;
    const client = clientOf(servers, args["timeout"] as number, leaving, `client${id}`);
    if (prompt.isInteractive) prompt.note("put <key> <value>, get <key>, print operationQueue, help, exit");
    try {
      return { exitCode: await new ClientPrompt(prompt, client, servers, terminal.json).run() };
    } finally {
      prompt.close();
      await client.close();
    }
  },
};
