import { defaultLedgerAddress } from "@synod/api";
import { MOST_PRESET_SERVERS } from "@synod/replica-server/topology";
import type { Options } from "yargs";
import { type ApplicationPlace, type ApplicationServers, applicationServers } from "../cluster/application-servers.js";
import { CLUSTER_OPTIONS } from "../cluster/settings.js";
import type { Arguments } from "../terminal/command.js";
import { duration, servers, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** How many servers a ledger has, if nobody says. */
const USUAL_SERVERS = 3;

/** The options that say which ledger a command speaks to. */
export const LEDGER_OPTIONS = {
  servers: {
    type: "string",
    describe:
      "Addresses of servers 1,2,3,... as host:port,host:port,... (SYNOD_LEDGER; default: those of the ledger in this " +
      "home, else 127.0.0.1:8101 and on)",
    coerce: servers("--servers"),
  },
  "server-count": {
    type: "string",
    describe: `How many servers the ledger has, where nothing else tells (default: ${USUAL_SERVERS})`,
    coerce: wholeNumber("--server-count", 1, MOST_PRESET_SERVERS),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long a request may take, whichever servers it takes: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
  ...CLUSTER_OPTIONS,
} as const satisfies Record<string, Options>;

/** Where the servers of a ledger are. */
export const LEDGER_PLACE: ApplicationPlace = {
  application: "ledger",
  variable: "SYNOD_LEDGER",
  usualServers: USUAL_SERVERS,
  usualAddress: (number) => defaultLedgerAddress("gateway", number),
};

/** The servers of a ledger that a command speaks to. */
export type LedgerServers = ApplicationServers;

/** Finds out which servers are meant. @throws {UsageError} if that is not clear */
export function ledgerServers(args: Arguments, terminal: Terminal): LedgerServers {
  return applicationServers(LEDGER_PLACE, args, terminal, args["server-count"] as number | undefined);
}
