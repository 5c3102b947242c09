import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, isIPv6, SocketAddress } from "node:net";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";

/** Any port will do to ask for a route: nothing is sent there. */
const SOME_PORT = 9;

/**
 * The address of a machine that was named by address or by name, in its usual form: the two machines compare what they know of
 * each other.
 *
 * @throws {UsageError} if it has none that others can be told
 */
export async function addressNamed(given: string): Promise<string> {
  if (isIP(given) !== 0 && !given.includes("%")) return usualForm(given);
  if (given.includes("%")) {
    throw new UsageError(`${given} means something on this machine alone: give an address without a zone (%)`);
  }
  try {
    return (await lookup(given, { order: "ipv4first" })).address;
  } catch {
    throw new UsageError(`there is no machine ${given}: give its IP address, as ip addr or ifconfig shows it there`);
  }
}

/** Of one of the many ways to write an IPv6 address, that of RFC 5952; an IPv4 address that was mapped into one, by itself. */
function usualForm(address: string): string {
  if (!isIPv6(address)) return address;
  const usual = new SocketAddress({ address, family: "ipv6" }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(usual)?.[1] ?? usual;
}

/**
 * The address of this machine on the way to another one: where the other one reaches it.
 *
 * @throws {CommandFailure} if there is no way
 */
export async function addressTowards(there: string): Promise<string> {
  const socket = createSocket(isIPv6(there) ? "udp6" : "udp4");
  try {
    socket.connect(SOME_PORT, there);
    await once(socket, "connect");
    return socket.address().address;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `this machine knows no way to ${there}: ${reason}. Are both on one network?`;
    throw new CommandFailure(ExitCode.nobodyReachable, "no-way", message, { cause: error });
  } finally {
    socket.close();
  }
}
