import type { AddressInfo } from "node:net";
import { type Address, formatAddress, isLoopback } from "@synod/api";
import type { App } from "./node-app.js";

/** The server cannot start. The message says why, and what a person can do. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}

/**
 * A server that other machines reach has a secret.
 *
 * @throws {CannotStart} if it has none
 */
export function refuseWithoutSecret({ host }: Address, secret: string | undefined): void {
  if (isLoopback(host) || secret !== undefined) return;
  throw new CannotStart(
    `other machines could reach ${host}, and whoever reaches an acceptor can make it accept anything: ` +
      "give all servers and commands one shared secret (--secret-file FILE, or SYNOD_SECRET)",
  );
}

/**
 * Lets the app listen.
 *
 * @param settings where a person says the address, for messages
 * @returns where it listens; the port is the one it got, if it asked for any (port 0)
 * @throws {CannotStart} if it cannot listen there
 */
export async function listen(app: App, where: Address, settings: string): Promise<Address> {
  try {
    await app.listen({ host: where.host, port: where.port });
  } catch (error) {
    throw new CannotStart(whyNotListening(error, where, settings), { cause: error });
  }
  const { port } = app.server.address() as AddressInfo;
  return { host: where.host, port };
}

function whyNotListening(error: unknown, where: Address, settings: string): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const place = formatAddress(where);
  if (code === "EADDRINUSE") {
    return `${place} is in use by another program: stop that one, or give this server another address (${settings})`;
  }
  if (code === "EADDRNOTAVAIL") return `${place} is no address of this machine`;
  if (code === "EACCES") return `${place} may not be used by this user: take a port above 1023`;
  return `cannot listen on ${place}: ${error instanceof Error ? error.message : String(error)}`;
}
