import { answerText, blockText, exitCodeOf } from "../ledger/answer-text.js";
import { KEY_POSITIONAL, literalArguments } from "../ledger/arguments.js";
import { askLedger } from "../ledger/ask-ledger.js";
import { LEDGER_OPTIONS, ledgerServers } from "../ledger/ledger-servers.js";
import type { Command } from "../terminal/command.js";
import { textGiven } from "../value-option.js";

export const ledgerPut: Command = {
  usage: "ledger put <key> <value>",
  summary: "Put a value under a key of a ledger, in a block of its own",
  examples: [
    [`synod ledger put '"alice"' 10`, "text in quotes, and those quoted for the shell"],
    [`synod ledger put "{'key1': 'val1'}" '[1, True, None]'`, "as Python writes it, or as JSON"],
    [`synod ledger put '"config"' - < config.json`, "a value from stdin"],
  ],
  positionals: {
    key: KEY_POSITIONAL,
    value: { type: "string", describe: "The value, a literal, too; - reads it from stdin" },
  },
  options: LEDGER_OPTIONS,
  run: async (args, terminal) => {
    const servers = ledgerServers(args, terminal);
    const text = await textGiven("the value", String(args["value"]), terminal);
    const [key = null, value = null] = literalArguments("synod ledger put", [String(args["key"]), text]);
    const answer = await askLedger(servers, args["timeout"] as number, terminal, (client) => client.put(key, value));
    terminal.line(answerText(answer));
    terminal.note(blockText(answer));
    return { exitCode: exitCodeOf(answer), document: { ...answer, warnings: terminal.warnings } };
  },
};
