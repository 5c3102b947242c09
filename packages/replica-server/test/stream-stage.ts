import type { AddressInfo } from "node:net";
import {
  answerMessageStreams,
  buildNodeApp,
  headersBetweenNodes,
  NodeFaults,
  NodeMetrics,
} from "@synod/acceptor-server";
import { type Address, formatNodeIdentity, NODE_HEADER, parseNodeIdentity } from "@synod/api";
import { onTestFinished } from "vitest";
import { MessageStream } from "../src/host/message-stream.ts";
import { until } from "./cluster-stage.ts";

export const CLUSTER = "cluster-7";

type Options = Parameters<typeof answerMessageStreams>[1];

/** The faults of this node, in a cluster of a and b. They end with the test. */
export function faultsOf(node: string): NodeFaults {
  const faults = new NodeFaults({ node, nodes: ["a", "b"], seed: 1 });
  onTestFinished(() => void faults.heal());
  return faults;
}

/** A learner at node a that takes streams, at this port or a free one. What it is asked, it answers in its own words. */
export async function serverOfStreams(options: Partial<Options> = {}, port = 0) {
  const faults = faultsOf("a");
  const identity = { name: NODE_HEADER, value: formatNodeIdentity({ name: "learner1", clusterId: CLUSTER }) };
  const app = await buildNodeApp({
    title: "A learner for tests",
    identity,
    health: { role: "learner", name: "learner1", node: "a", cluster: CLUSTER },
    metrics: new NodeMetrics(),
    notReady: () => [],
    cluster: { events: null, faults },
    secret: options.secret,
  });
  const answer = async (message: unknown, from: string) => ({ heard: message, from });
  answerMessageStreams(app, { identity, clusterId: CLUSTER, secret: undefined, faults, answer, ...options });
  await app.listen({ host: "127.0.0.1", port });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    faults.heal();
    await app.close();
  };
  onTestFinished(close);
  const address: Address = { host: "127.0.0.1", port: (app.server.address() as AddressInfo).port };
  return { app, address, faults, close };
}

/** The stream of proposer2, at node b, to whom it takes for learner1 unless told otherwise. */
export function streamTo(
  address: Address,
  more: Readonly<Record<string, string>> = {},
  name = "learner1",
): MessageStream {
  const stream = new MessageStream({
    address,
    headers: { ...headersBetweenNodes("b", CLUSTER, "proposer2"), ...more },
    isMeant: (headers) => parseNodeIdentity(headers[NODE_HEADER] as string | undefined)?.name === name,
  });
  onTestFinished(() => stream.close());
  return stream;
}

/** Waits until the stream is open: each look opens it anew where the last attempt failed. */
export function opened(stream: MessageStream): Promise<void> {
  return until("the stream is open", () => stream.isOpen());
}
