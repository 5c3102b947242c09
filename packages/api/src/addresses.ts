/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The port of acceptor i is this plus i. */
export const ACCEPTOR_BASE_PORT = 5000;

/** Servers a pool has at most: more is a typing mistake, and every default port stays one. */
export const MOST_SERVERS = 999;

/** Where acceptor `serverId` listens when nobody says otherwise. */
export function defaultAcceptorAddress(serverId: number): Address {
  return { host: "127.0.0.1", port: ACCEPTOR_BASE_PORT + serverId };
}

/** `host:port`, as one would type it; IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads `host:port`, also `http://host:port` and `[::1]:port`.
 *
 * @throws {Error} saying what is wrong with the text
 */
export function parseAddress(text: string): Address {
  const match = /^(?:http:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})\/?$/.exec(text.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65535) {
    throw new Error(`"${text}" is not an address: write host:port, for example 127.0.0.1:5001`);
  }
  return { host, port };
}

/**
 * Reads a comma-separated list of the addresses of servers 1, 2, 3, ... in this order.
 *
 * @throws {Error} saying what is wrong with the list; a server that is named twice would be counted twice
 */
export function parseServers(text: string): Address[] {
  const addresses = text.split(",").map(parseAddress);
  const seen = new Set<string>();
  for (const address of addresses.map(formatAddress)) {
    if (seen.has(address))
      throw new Error(`${address} is named twice: every server of a pool has an address of its own`);
    seen.add(address);
  }
  if (addresses.length > MOST_SERVERS) throw new Error(`a pool has at most ${MOST_SERVERS} servers`);
  return addresses;
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
