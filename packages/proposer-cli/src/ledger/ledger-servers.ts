import { type Address, defaultLedgerAddress } from "@synod/api";
import { ClusterFolder, type ClusterRecord, clustersIn, MOST_PRESET_SERVERS } from "@synod/replica-server/topology";
import type { Options } from "yargs";
import { refuseOtherApplication } from "../cluster/other-application.js";
import { CLUSTER_OPTIONS, homeOf, withClusterFolder } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { idsUpTo, readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { UsageError } from "../terminal/exit-code.js";
import { duration, servers, wholeNumber } from "../terminal/option-values.js";
import { noSuchName } from "../terminal/suggestion.js";
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

/** The servers of a ledger that a command speaks to. */
export interface LedgerServers {
  /** In the order of their numbers. */
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
  const { env } = terminal;
  const secret = readSecret(args, env);
  const count = args["server-count"] as number | undefined;
  const named = (args["servers"] as Address[] | undefined) ?? servers("SYNOD_LEDGER")(env["SYNOD_LEDGER"] || undefined);
  if (named) {
    refuseOtherCount(
      count,
      named.length,
      `${named.length === 1 ? "1 server is" : `${named.length} servers are`} named (--servers, SYNOD_LEDGER)`,
    );
    return { addresses: named, secret, clusterId: undefined };
  }
  const record = ledgerHere(args, terminal);
  if (record) {
    const addresses = serversOf(record.topology, "gateway").map(({ address }) => address);
    refuseOtherCount(
      count,
      addresses.length,
      `the ledger ${record.topology.name}, which was started here, has ${addresses.length === 1 ? "1 server" : `${addresses.length} servers`}`,
    );
    return { addresses, secret, clusterId: record.clusterId };
  }
  const addresses = idsUpTo(count ?? USUAL_SERVERS).map((number) => defaultLedgerAddress("gateway", number));
  return { addresses, secret, clusterId: undefined };
}

function refuseOtherCount(asked: number | undefined, there: number, how: string): void {
  if (asked === undefined || asked === there) return;
  throw new UsageError(`${how}, but --server-count is ${asked}`);
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
  if (asked !== undefined) for (const { topology } of records) refuseOtherApplication(topology, "ledger");
  const [first, ...others] = ledgers;
  if (others.length === 0) return first ?? null;
  const list = ledgers.map(({ topology }) => topology.name).join(", ");
  throw new UsageError(`which ledger? Say --cluster NAME; there is ${list}`);
}
