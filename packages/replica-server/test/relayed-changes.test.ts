import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildNodeApp, NodeMetrics } from "@synod/acceptor-server";
import { expect, onTestFinished, test } from "vitest";
import { RelayedChanges } from "../src/applications/key-value/relayed-changes.ts";
import { newSubscription } from "../src/applications/key-value/subscription.ts";
import type { RoleContext } from "../src/roles/role-context.ts";
import { ChangeReader } from "./change-reader.ts";
import { until } from "./cluster-stage.ts";

/** A learner that answers what a test says. */
class StandInLearner {
  readonly asked: IncomingMessage[] = [];
  readonly streams: ServerResponse[] = [];
  readonly #server = createServer((request, response) => {
    this.asked.push(request);
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    this.streams.push(response);
  });

  static async started(): Promise<StandInLearner> {
    const learner = new StandInLearner();
    await once(learner.#server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      learner.#server.closeAllConnections();
      learner.#server.close();
    });
    return learner;
  }

  get address() {
    return { host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
  }
}

/** A gateway that relays what these learners tell after revision 6, at `/`. */
async function gatewayOf(...learners: StandInLearner[]): Promise<string> {
  const roles = learners.map(({ address }, place) => {
    return { role: "learner", number: place + 1, name: `learner${place + 1}`, node: `node${place + 1}`, address };
  });
  const server = { role: "gateway", number: 1, name: "gateway1", node: "node1" };
  const context = {
    topology: { engine: "paxos", nodes: [{ roles }] },
    server,
    clusterId: "c",
    faults: null,
    tuning: {},
  };
  const relayed = new RelayedChanges(context as unknown as RoleContext);
  const app = await buildNodeApp({
    title: "test",
    identity: { name: "test", value: "test" },
    health: { role: "gateway", name: "gateway1", node: "node1", cluster: "c" },
    metrics: new NodeMetrics(),
    notReady: () => [],
  });
  app.get("/", { exposeHeadRoute: false }, (_request, reply) => {
    relayed.open(reply, newSubscription(["*"], 6), 6);
  });
  onTestFinished(async () => {
    relayed.close();
    await app.close();
  });
  return app.listen({ host: "127.0.0.1", port: 0 });
}

/** What a learner writes of keys that were put in one revision. */
function changesOf(revision: number, ...keys: string[]): string {
  const changes = keys.map((key) => ({ revision, key, value: "1", type: "put" }));
  return `event: changes\nid: ${revision}\ndata: ${JSON.stringify({ revision, changes })}\n\n`;
}

test("changes that share a revision are relayed as one event, and as none when a learner dies in the middle of them", async () => {
  const learners = [await StandInLearner.started(), await StandInLearner.started()] as const;
  const reader = await ChangeReader.open(await gatewayOf(...learners));
  await until("the first is read", () => learners[0].streams.length === 1);
  learners[0].streams[0]?.end(changesOf(7, "a", "b") + changesOf(8, "b", "c").slice(0, -2));
  await until("the second is read", () => learners[1].streams.length === 1);
  expect(learners[1].asked[0]?.headers["last-event-id"]).toBe("7");
  learners[1].streams[0]?.write(changesOf(7, "a", "b") + changesOf(8, "b", "c"));
  await until("all is told", () => reader.events.length === 2);
  expect(reader.events).toMatchObject([
    { event: "changes", id: "7", data: { revision: 7, changes: [{ key: "a" }, { key: "b" }] } },
    { event: "changes", id: "8", data: { revision: 8, changes: [{ key: "b" }, { key: "c" }] } },
  ]);
  reader.close();
});
