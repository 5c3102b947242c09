import type { IncomingHttpHeaders } from "node:http";
import { CLUSTER_HEADER, FROM_HEADER, ROLE_HEADER } from "@synod/api";

/**
 * What every request from node to node carries.
 *
 * @param from the name of the node that sends it
 * @param role the name of the role that sends it, such as `proposer1`; without one, those who watch see the node's name
 */
export function headersBetweenNodes(from: string, clusterId: string, role?: string): Readonly<Record<string, string>> {
  return {
    [FROM_HEADER]: from,
    [CLUSTER_HEADER]: clusterId,
    ...(role === undefined ? {} : { [ROLE_HEADER]: role }),
  };
}

/** Who asked: the role that sent the request, else its node; null for a person. */
export function callerOf(headers: IncomingHttpHeaders): string | null {
  const caller = headers[ROLE_HEADER] ?? headers[FROM_HEADER];
  return typeof caller === "string" ? caller : null;
}
