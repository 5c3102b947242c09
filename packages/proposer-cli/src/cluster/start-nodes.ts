import { setTimeout as delay } from "node:timers/promises";
import type { Role, RoleServer } from "@synod/api";
import type { Terminal } from "../terminal/terminal.js";
import { type NodeDeed, withEach } from "./deeds.js";
import { bringUpNode, placesOf } from "./node-process.js";
import { type ClusterSeen, observe } from "./observation.js";
import type { ClusterSettings, Node } from "./settings.js";

/** How often the whole cluster is looked at while a leader is waited for, in milliseconds. */
const LOOK_EVERY_MS = 100;

/** How long one look at the whole cluster may take, in milliseconds. */
const ONE_LOOK_MS = 1000;

/** Sees to it that these nodes run, waits until all their roles answer, and tells of each. */
export function startNodes(
  settings: ClusterSettings,
  nodes: readonly Node[],
  withinMs: number,
  terminal: Terminal,
): Promise<NodeDeed[]> {
  const up = async (node: Node): Promise<NodeDeed> => {
    const { server, wasUp, notes } = await bringUpNode(settings, node, withinMs, terminal.interrupted);
    for (const note of notes) terminal.note(`${node.name}: ${note}`);
    const words = `${wasUp ? "already up" : "up"} ${placesOf(node)} (pid ${server.pid})`;
    return { node: node.name, done: wasUp ? "already-up" : "started", words, pid: server.pid, notes };
  };
  return withEach(nodes, up, terminal);
}

/** Looks again and again until a proposer leads and a quorum is there. @returns what was seen last */
export async function untilServing(
  settings: ClusterSettings,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ClusterSeen> {
  const end = performance.now() + withinMs;
  let seen = await observe(settings, ONE_LOOK_MS, interrupted);
  while (!seen.quorum && performance.now() < end) {
    await delay(LOOK_EVERY_MS, undefined, { signal: interrupted }).catch(() => interrupted.throwIfAborted());
    seen = await observe(settings, ONE_LOOK_MS, interrupted);
  }
  return seen;
}

/** The servers of one role, in their order. */
export function serversOf({ nodes }: ClusterSettings["topology"], role: Role): RoleServer[] {
  return nodes.flatMap(({ roles }) => roles).filter((server) => server.role === role);
}
