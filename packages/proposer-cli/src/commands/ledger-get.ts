import { answerText, blockText, exitCodeOf } from "../ledger/answer-text.js";
import { KEY_POSITIONAL, literalArguments } from "../ledger/arguments.js";
import { askLedger } from "../ledger/ask-ledger.js";
import { LEDGER_OPTIONS, ledgerServers } from "../ledger/ledger-servers.js";
import type { Command } from "../terminal/command.js";

export const ledgerGet: Command = {
  usage: "ledger get <key>",
  summary: "Get the value under a key of a ledger: a block of its own, too, which sees every put that was answered",
  examples: [
    [`synod ledger get '"alice"'`, "the value as JSON; KEY_DOES_NOT_EXIST, and exit code 5, where nothing is"],
    [`synod ledger get "{'key1': 'val1'}" --json`, "with the block that it became"],
  ],
  positionals: { key: KEY_POSITIONAL },
  options: LEDGER_OPTIONS,
  run: async (args, terminal) => {
    const servers = ledgerServers(args, terminal);
    const [key = null] = literalArguments("synod ledger get", [String(args["key"])]);
    const answer = await askLedger(servers, args["timeout"] as number, terminal, (client) => client.get(key));
    terminal.line(answerText(answer));
    terminal.note(blockText(answer));
    return { exitCode: exitCodeOf(answer), document: { ...answer, warnings: terminal.warnings } };
  },
};
