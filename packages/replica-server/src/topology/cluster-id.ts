import { createHash } from "node:crypto";
import type { Topology } from "@synod/api";
import { written } from "./written-topology.js";

/** An id for the cluster that is the same for every node of it, whoever is first: nodes need not share a folder. */
export function clusterIdOf(topology: Topology): string {
  return createHash("sha256")
    .update(JSON.stringify(written(topology)))
    .digest("hex")
    .slice(0, 32);
}

/** Whether this can be a cluster's id: it stands in headers, and in names of files. */
export function isClusterId(id: unknown): id is string {
  return typeof id === "string" && /^[\w-]{1,64}$/.test(id);
}
