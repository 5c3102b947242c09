import { isOwnName, RequestRefused } from "@synod/acceptor-server";
import { isLoopback } from "@synod/api";
import type { FastifyRequest } from "fastify";

/**
 * Refuses what a page of another site sends through somebody's browser, which names that site as the origin.
 *
 * @throws {RequestRefused} `not-from-here`
 */
export function refuseOtherOrigins({ headers: { origin, host } }: FastifyRequest): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new RequestRefused("not-from-here", `a page of ${origin} may not break or mend the nodes of this cluster`);
}

/** Why who asks may not end and start processes of this machine, in words; null if it may. */
export function whyNotFromHere({ raw, headers }: FastifyRequest): string | null {
  const peer = (raw.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  if (!isLoopback(peer)) return `only somebody at this machine may end and start its processes, and you are at ${peer}`;
  // A name that leads here and is not this machine's own may be a trick of the site that carries it.
  if (isOwnName(headers.host ?? "")) return null;
  return "only somebody who opens this page as localhost may end and start processes of this machine";
}
