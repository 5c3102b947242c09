import { type Address, type ApplicationName, formatAddress } from "@synod/api";
import { NoAnswer } from "@synod/client";
import { ClusterFolder, type ClusterRecord, clustersIn } from "@synod/replica-server/topology";
import { exchange } from "../http-exchange.js";
import { idsUpTo, readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { servers } from "../terminal/option-values.js";
import { noSuchName } from "../terminal/suggestion.js";
import type { Terminal } from "../terminal/terminal.js";
import { refuseOtherApplication } from "./other-application.js";
import { homeOf, withClusterFolder } from "./settings.js";
import { serversOf } from "./start-nodes.js";

/** An application of clusters whose servers people speak to, and where they are. */
export interface ApplicationPlace {
  /** Also what people call it. */
  readonly application: Exclude<ApplicationName, "key-value">;
  /** The variable that names its servers. */
  readonly variable: string;
  /** How many servers it has, if nobody says. */
  readonly usualServers: number;
  /** Where its servers 1, 2, 3, ... are, if nobody says. */
  usualAddress(number: number): Address;
}

/** The servers that a command speaks to. */
export interface ApplicationServers {
  /** In the order of their numbers. */
  readonly addresses: readonly Address[];
  readonly secret: string | undefined;
  /** The cluster that must answer: the one that was started here, unless others were named. */
  readonly clusterId: string | undefined;
}

/**
 * Finds out which servers are meant: flag before environment before the cluster that was started here before the default.
 *
 * @param count how many there are, by `--server-count`
 * @throws {UsageError} if that is not clear
 */
export function applicationServers(
  place: ApplicationPlace,
  args: Arguments,
  terminal: Terminal,
  count?: number,
): ApplicationServers {
  const { env } = terminal;
  const { variable, application } = place;
  const secret = readSecret(args, env);
  const named = (args["servers"] as Address[] | undefined) ?? servers(variable)(env[variable] || undefined);
  if (named) {
    refuseOtherCount(count, named.length, `${counted(named.length)} named (--servers, ${variable})`);
    return { addresses: named, secret, clusterId: undefined };
  }
  const record = clusterHere(application, args, terminal);
  if (record) {
    const addresses = serversOf(record.topology, "gateway").map(({ address }) => address);
    const how = addresses.length === 1 ? "1 server" : `${addresses.length} servers`;
    refuseOtherCount(
      count,
      addresses.length,
      `the ${application} ${record.topology.name}, which was started here, has ${how}`,
    );
    return { addresses, secret, clusterId: record.clusterId };
  }
  const addresses = idsUpTo(count ?? place.usualServers).map((number) => place.usualAddress(number));
  return { addresses, secret, clusterId: undefined };
}

function counted(servers: number): string {
  return servers === 1 ? "1 server is" : `${servers} servers are`;
}

function refuseOtherCount(asked: number | undefined, there: number, how: string): void {
  if (asked === undefined || asked === there) return;
  throw new UsageError(`${how}, but --server-count is ${asked}`);
}

/** The cluster of this application that was started in this home, beside whatever else was; null if none was. */
function clusterHere(
  application: ApplicationPlace["application"],
  args: Arguments,
  terminal: Terminal,
): ClusterRecord | null {
  const home = homeOf(args, terminal);
  const asked = args["cluster"] as string | undefined;
  const names = clustersIn(home);
  if (asked !== undefined && !names.includes(asked)) throw new UsageError(noSuchName("cluster", asked, names));
  const records = (asked === undefined ? names : [asked]).flatMap((name) => {
    const record = withClusterFolder(() => new ClusterFolder(name, home).read());
    return record ? [record] : [];
  });
  const found = records.filter(({ topology }) => topology.application === application);
  const [named] = records;
  if (asked !== undefined && named) refuseOtherApplication(named.topology, application);
  const [first, ...others] = found;
  if (others.length === 0) return first ?? null;
  const list = found.map(({ topology }) => topology.name).join(", ");
  throw new UsageError(`which ${application}? Say --cluster NAME; there is ${list}`);
}

/** How long a server may take to show that it is there, in milliseconds. */
const ONE_LOOK_MS = 1000;

/** Where nobody is at all, there is nothing to wait for. @throws {CommandFailure} */
export async function refuseIfNobodyListens(
  { application }: ApplicationPlace,
  { addresses, secret }: ApplicationServers,
  mostMs: number,
  { interrupted }: Terminal,
): Promise<void> {
  const timeoutMs = Math.min(mostMs, ONE_LOOK_MS);
  const looks = addresses.map(async (address) => {
    try {
      await exchange(address, { path: "/livez", timeoutMs, signal: interrupted, secret });
    } catch (error) {
      // Whoever is slow, or answers nonsense, is there.
      if (error instanceof NoAnswer && error.reason === "refused") throw error;
    }
  });
  try {
    await Promise.any(looks);
  } catch {
    interrupted.throwIfAborted();
    throw new CommandFailure(
      ExitCode.nobodyReachable,
      "unreachable",
      `no server of a ${application} listens at ${listed(addresses)}. To start one here: synod cluster start ${application}`,
    );
  }
  interrupted.throwIfAborted();
}

export function listed(addresses: readonly Address[]): string {
  return addresses.map(formatAddress).join(", ");
}
