import { isApplied } from "../kv/answers.js";
import { askStore, GATEWAY_OPTIONS, gatewayOf } from "../kv/gateway.js";
import { assignment, keyGiven, keyPath, storable, where } from "../kv/key-text.js";
import { askedFor, PREVIOUS_OPTION, tellPrevious } from "../kv/previous.js";
import { RECORD_OPTION, recorded } from "../kv/record.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { textGiven } from "../value-option.js";

export const kvPut: Command = {
  usage: "kv put <key> <value>",
  summary: "Write a value of the replicated key-value store",
  examples: [
    ["synod kv put greeting hello", "the old value, if there was one, is replaced"],
    ["synod kv put greeting hello --previous", "and what it was before"],
    ["synod kv put config - < config.json", "a value from stdin, byte for byte"],
    ["synod kv put x 1 --record run.jsonl", "and written down, for synod check history"],
  ],
  positionals: {
    key: { type: "string", describe: "The key, 1 to 1024 characters" },
    value: { type: "string", describe: "Any string, also the empty one; - reads it from stdin" },
  },
  options: { ...PREVIOUS_OPTION, ...RECORD_OPTION, ...GATEWAY_OPTIONS },
  run: async (args, terminal) => {
    const gateway = gatewayOf(args, terminal);
    const key = keyGiven(args["key"]);
    const value = storable(await textGiven("the value", String(args["value"]), terminal));
    const call = { method: "PUT", path: keyPath(key), body: { value, ...askedFor(args) } } as const;
    const put = () => askStore(gateway, { ...call, isAnswer: isApplied(key) }, args["timeout"] as number, terminal);
    const operation = { f: "write", value, seesAbsence: false } as const;
    const { body } = await recorded(args, key, operation, terminal, put, () => ({ value }));
    terminal.line(`${assignment(key, value)}${where(body as object)}`);
    tellPrevious(args, body as object, terminal);
    return { exitCode: ExitCode.done, document: { ...(body as object), warnings: terminal.warnings } };
  },
};
