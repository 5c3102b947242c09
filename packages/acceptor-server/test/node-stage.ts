import { NODE_HEADER } from "@synod/api";
import { onTestFinished } from "vitest";
import { EventFeed } from "../src/node/event-feed.ts";
import { type App, buildNodeApp, type NodeAppOptions } from "../src/node/node-app.ts";
import { NodeFaults } from "../src/node/node-faults.ts";
import { NodeMetrics } from "../src/node/node-metrics.ts";

export const CLUSTER = "cluster-7";
export const NODES = ["a", "b", "c"];
/** What a request from node b carries. */
export const FROM_B = { "synod-from": "b", "synod-cluster": CLUSTER };

export interface NodeStage {
  readonly app: App;
  readonly faults: NodeFaults;
  readonly events: EventFeed;
}

/** The faults of node a, in a cluster of a, b and c. */
export function faultsOfA(seed = 1): NodeFaults {
  return new NodeFaults({ node: "a", nodes: NODES, seed });
}

/** A learner at node a, with a route `/hello` of its own. It is closed when the test ends. */
export async function nodeStage(options: Partial<NodeAppOptions> = {}): Promise<NodeStage> {
  const faults = faultsOfA();
  const events = new EventFeed("learner1");
  const app = await buildNodeApp({
    title: "A learner for tests",
    identity: { name: NODE_HEADER, value: `learner1 ${CLUSTER}` },
    health: { role: "learner", name: "learner1", node: "a", cluster: CLUSTER },
    metrics: new NodeMetrics(),
    notReady: () => [],
    cluster: { events, faults },
    ...options,
  });
  app.get("/hello", async () => ({ hello: "world" }));
  onTestFinished(async () => {
    faults.heal();
    await app.close();
  });
  return { app, faults, events };
}

/** Runs until the condition holds, within a bound. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Whether the promise is still unsettled after the server had every chance to settle it. */
export async function isPending(promise: Promise<unknown>, forMs = 50): Promise<boolean> {
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), forMs));
  return (await Promise.race([promise, late])) === "late";
}
