import type { Options } from "yargs";
import { LEDGER_OPTIONS, type LedgerServers, ledgerServers } from "../ledger/ledger-servers.js";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { duration, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** The options that say whose chain a command looks at. */
export const CHAIN_OPTIONS = {
  ...LEDGER_OPTIONS,
  server: {
    type: "string",
    describe: "One of them alone, by its number",
    coerce: wholeNumber("--server", 1, Number.MAX_SAFE_INTEGER),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long a server may say nothing: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
} as const satisfies Record<string, Options>;

/** The servers that are meant: all, or one by its number. @throws {UsageError} if that is not clear */
export function chosenServers(args: Arguments, terminal: Terminal): LedgerServers {
  const all = ledgerServers(args, terminal);
  const number = args["server"] as number | undefined;
  if (number === undefined) return all;
  const one = all.addresses[number - 1];
  if (one) return { ...all, addresses: [one] };
  throw new UsageError(`--server ${number}: there are ${all.addresses.length} servers`);
}
