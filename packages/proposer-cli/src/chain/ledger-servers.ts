import { type Address, defaultLedgerAddress } from "@synod/api";
import { ClusterFolder, type ClusterRecord, clustersIn } from "@synod/replica-server/topology";
import type { Options } from "yargs";
import { CLUSTER_OPTIONS, homeOf, withClusterFolder } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, servers, wholeNumber } from "../terminal/option-values.js";
import { noSuchName } from "../terminal/suggestion.js";
import type { Terminal } from "../terminal/terminal.js";

/** The options that say whose chain a command looks at. */
export const LEDGER_SERVER_OPTIONS = {
  servers: {
    type: "string",
    describe:
      "Addresses of servers 1,2,3,... as host:port,host:port,... (SYNOD_LEDGER; default: those of the ledger in this home, " +
      "else 127.0.0.1:8101 to 8103)",
    coerce: servers("--servers"),
  },
  server: {
    type: "string",
    describe: "One of them, by its number",
    coerce: wholeNumber("--server", 1, Number.MAX_SAFE_INTEGER),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long a server may say nothing: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
  ...CLUSTER_OPTIONS,
} as const satisfies Record<string, Options>;

const USUAL_SERVERS = 3;

/** The servers of a ledger that a command speaks to. */
export interface LedgerServers {
  readonly addresses: readonly Address[];
  readonly secret: string | undefined;
  /** The cluster that must answer: the one that was started here, unless others were named. */
  readonly clusterId: string | undefined;
}

/**
 * Finds out which servers are meant: flag before environment before the ledger that was started here before the default.
 *
 * @throws {UsageError} if that is not clear
 */
export function ledgerServers(args: Arguments, terminal: Terminal): LedgerServers {
  const all = allServers(args, terminal);
  const number = args["server"] as number | undefined;
  if (number === undefined) return all;
  const one = all.addresses[number - 1];
  if (one) return { ...all, addresses: [one] };
  throw new UsageError(`--server ${number}: there are ${all.addresses.length} servers`);
}

function allServers(args: Arguments, terminal: Terminal): LedgerServers {
  const { env } = terminal;
  const secret = readSecret(args, env);
  const named = (args["servers"] as Address[] | undefined) ?? servers("SYNOD_LEDGER")(env["SYNOD_LEDGER"] || undefined);
  if (named) return { addresses: named, secret, clusterId: undefined };
  const record = ledgerHere(args, terminal);
  if (record) {
    const addresses = serversOf(record.topology, "gateway").map(({ address }) => address);
    return { addresses, secret, clusterId: record.clusterId };
  }
  const addresses = Array.from({ length: USUAL_SERVERS }, (_, place) => defaultLedgerAddress("gateway", place + 1));
  return { addresses, secret, clusterId: undefined };
}

/** The ledger that was started in this home, beside whatever else was; null if none was. */
function ledgerHere(args: Arguments, terminal: Terminal): ClusterRecord | null {
  const home = homeOf(args, terminal);
  const asked = args["cluster"] as string | undefined;
  const names = clustersIn(home);
  if (asked !== undefined && !names.includes(asked)) throw new UsageError(noSuchName("cluster", asked, names));
  const records = (asked === undefined ? names : [asked]).flatMap((name) => {
    const record = withClusterFolder(() => new ClusterFolder(name, home).read());
    return record ? [record] : [];
  });
  const ledgers = records.filter(({ topology }) => topology.application === "ledger");
  if (asked !== undefined && ledgers.length === 0) {
    throw new CommandFailure(ExitCode.failure, "not-a-ledger", `the cluster ${asked} is no ledger, and has no chain`);
  }
  if (ledgers.length <= 1) return ledgers[0] ?? null;
  const list = ledgers.map(({ topology }) => topology.name).join(", ");
  throw new UsageError(`which ledger? Say --cluster NAME; there is ${list}`);
}
