import { RequestRefused } from "@synod/acceptor-server";
import { formatAddress, type Topology } from "@synod/api";

/** @throws {RequestRefused} where writes are not taken */
export type TakesWrites = () => void;

/** Where the state is alone, reads only are taken: it tells where to write. */
export function writesElsewhere({ nodes }: Topology): TakesWrites {
  const gateways = nodes.flatMap(({ roles }) => roles.filter(({ role }) => role === "gateway"));
  const where = gateways.map(({ address }) => `http://${formatAddress(address)}`).join(" or ");
  return () => {
    throw new RequestRefused("method-not-allowed", `this server takes reads only; write at a gateway: ${where}`);
  };
}
