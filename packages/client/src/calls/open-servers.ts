import { undiciTransport } from "../undici-transport.js";
import { type ConnectOptions, checkedAddresses, checkedTimeout, USUAL_SERVER_TIMEOUT_MS } from "./options.js";
import { Servers } from "./servers.js";

/**
 * The servers that a client was given.
 *
 * @param clusterId the cluster that must answer; undefined: whichever answers first, and no other after it
 * @throws {TypeError | RangeError | Error} if an option makes no sense
 */
export function openServers(options: ConnectOptions, clusterId?: string): Servers {
  const { secret, transport = undiciTransport, serverTimeoutMs = USUAL_SERVER_TIMEOUT_MS } = options;
  return new Servers({
    addresses: checkedAddresses(options),
    secret,
    clusterId,
    transport,
    serverTimeoutMs: checkedTimeout(serverTimeoutMs, "serverTimeoutMs"),
  });
}
