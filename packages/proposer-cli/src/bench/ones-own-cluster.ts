import { type Address, formatAddress } from "@synod/api";
import { NoAnswer } from "@synod/client";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import type { TargetName } from "./options.js";
import { lookAt, type Target } from "./target.js";

const KINDS: Readonly<Record<TargetName, string>> = {
  paxos: "gateway of Synod",
  raft: "gateway of Synod",
  etcd: "member of etcd",
};

/**
 * A cluster that runs already. Servers that do not answer are left out, with a warning. Which engine is behind gateways of
 * Synod they know themselves.
 *
 * @throws {CommandFailure} if none answers, or one is something else
 */
export async function onesOwnCluster(
  name: TargetName,
  servers: readonly Address[],
  secret: string | undefined,
  terminal: Terminal,
): Promise<Target> {
  const answering = await Promise.all(servers.map((address) => isThere(name, address, secret, terminal)));
  const addresses = servers.filter((_, place) => answering[place]);
  const engine = answering.find((found) => found !== null);
  if (addresses.length === 0) {
    const places = servers.map(formatAddress).join(", ");
    throw new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", `no ${KINDS[name]} answers at ${places}`);
  }
  const about = `a cluster that was there before; connections are spread over ${addresses.map(formatAddress).join(", ")}`;
  return {
    ...{ name: engine ?? name, about, addresses, secret, isOnesOwn: true },
    remove: async () => {},
  };
}

/** @returns what is there; null if nobody answers @throws {CommandFailure} if something else is */
async function isThere(
  name: TargetName,
  address: Address,
  secret: string | undefined,
  terminal: Terminal,
): Promise<TargetName | null> {
  try {
    const { isRightKind, body } = await lookAt(name, address, secret, terminal.interrupted);
    if (isRightKind) return name === "etcd" || body["engine"] !== "raft" ? name : "raft";
  } catch (error) {
    terminal.interrupted.throwIfAborted();
    if (!(error instanceof NoAnswer)) throw error;
    terminal.warn(`${formatAddress(address)} is left out: ${error.message}`);
    return null;
  }
  const message = `${formatAddress(address)} answers, but not as a ${KINDS[name]}: see --targets and --secret-file`;
  throw new CommandFailure(ExitCode.failure, "not-a-store", message);
}
