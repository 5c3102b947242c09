import { ENGINES, type EngineName } from "@synod/api";
import { beforeAll, describe, expect, test } from "vitest";
import { ChangeReader } from "./change-reader.ts";
import { ClusterStage, COMPACT, RAFT, until } from "./cluster-stage.ts";

const NODES = ["node1", "node2", "node3"];

/** What a person may rely on, whichever engine decides the values: one cluster for all tests, and each leaves it whole. */
describe.each(ENGINES)("a store on %s", (engine) => {
  let stage: ClusterStage;
  beforeAll(async () => {
    stage = await stageOf(engine);
    return () => stage.end();
  });

  const nodeOf = (server: string) => stage.server(server).node;
  const gatewayAt = (node: string) => node.replace("node", "gateway");
  const others = (node: string) => NODES.filter((one) => one !== node);

  test("reads at every level and every gateway what was written, each with its slot", async () => {
    const { body: written } = await stage.write("tea", "green", "gateway2");
    for (const consistency of ["session", "strong"]) {
      for (const gateway of ["gateway1", "gateway2", "gateway3"]) {
        const { body } = await stage.read("tea", consistency, gateway, { token: written.token });
        expect(body).toMatchObject({ value: "green", revision: written.slot });
        expect(body.slot).toBeGreaterThanOrEqual(written.slot);
      }
    }
    await until("everybody has it", async () => {
      const values = await Promise.all(NODES.map((node) => stage.value("tea", "eventual", gatewayAt(node))));
      return values.every((value) => value === "green");
    });
  });

  test("a write that is sent again under its number in a session happens once", async () => {
    const opened = (await stage.ask("gateway1", "POST /kv/sessions", { client: `c-${engine}` })).body;
    const session = { client: `c-${engine}`, openedAt: opened.openedAt, sequence: 2, firstUnacknowledged: 2 };
    const put = (gateway: string) => stage.ask(gateway, "PUT /kv/once", { value: "1", session });
    const [first, again] = [await put("gateway1"), await put("gateway3")];
    expect(first.status).toBe(200);
    expect(again.body.revision).toBe(first.body.revision);
  });

  test("whoever watches is told of each change once, also when the leader's process ends meanwhile", async () => {
    const leader = nodeOf(await stage.leader());
    const [one = "", other = ""] = others(leader);
    const { body } = await stage.ask(gatewayAt(one), "POST /subscribe", { patterns: ["watched/*"] });
    const reader = await ChangeReader.open(stage.url(gatewayAt(one), `/subscriptions/${body.subscription_id}/events`));
    await stage.write("watched/a", "1", gatewayAt(one));
    await stage.stop(leader);
    expect((await stage.write("watched/a", "2", gatewayAt(other))).status).toBe(200);
    expect(nodeOf(await stage.leader(gatewayAt(one)))).not.toBe(leader);
    expect(await stage.value("watched/a", "strong", gatewayAt(one))).toBe("2");
    await until("both are told", () => reader.values.length >= 2);
    expect(reader.values).toEqual(["1", "2"]);
    reader.close();
    await stage.start(leader);
    await until("it has caught up", async () => {
      return (await stage.value("watched/a", "eventual", gatewayAt(leader))) === "2";
    });
  });

  test("a leader that is cut off from the majority refuses in time, the others go on, and it follows them once healed", async () => {
    const leader = nodeOf(await stage.leader());
    const [one = ""] = others(leader);
    await stage.write("cut", "before", gatewayAt(leader));
    expect((await stage.ask(gatewayAt(leader), "POST /faults", { faults: `cut ${leader}<>*` })).status).toBe(200);
    const lonely = await stage.write("cut", "lonely", gatewayAt(leader), 1000);
    expect([503, 504]).toContain(lonely.status);
    const strong = await stage.read("cut", "strong", gatewayAt(leader), { timeout_ms: 1000 });
    expect(strong.status).toBe(503);
    expect((await stage.write("cut", "after", gatewayAt(one))).status).toBe(200);
    await stage.ask(gatewayAt(leader), "DELETE /faults");
    await until("it follows", async () => (await stage.value("cut", "strong", gatewayAt(leader))) === "after");
  });

  test("a server that was down for long takes a snapshot, with the sessions in it, and begins with its own after that", async () => {
    const away = nodeOf(await stage.leader()) === "node3" ? "node2" : "node3";
    const [server, snapshot] = engine === "raft" ? ["raft", "snapshot_index"] : ["learner", "snapshot_through"];
    const statusAt = async (name: string) => (await stage.ask(name, "GET /status")).body;
    const opened = (await stage.ask("gateway1", "POST /kv/sessions", { client: `s-${engine}` })).body;
    const session = { client: `s-${engine}`, openedAt: opened.openedAt, sequence: 2, firstUnacknowledged: 2 };
    const once = async (gateway: string) => (await stage.ask(gateway, "PUT /kv/single", { value: "1", session })).body;
    const { revision } = await once("gateway1");
    await stage.stop(away);
    for (let number = 0; number < 60; number++) await stage.write(`many${number % 7}`, `${number} ${"x".repeat(100)}`);
    const forgotten = async () =>
      engine === "raft"
        ? (await statusAt(await stage.leader())).first_index - 1
        : (await statusAt("acceptor1")).truncatedThrough;
    await until("the log forgets", async () => (await forgotten()) > revision);
    await stage.start(away);
    const own = away.replace("node", server as string);
    const hasAll = async () => ((await stage.value("many3", "eventual", own)) ?? "").startsWith("59 ");
    await until("it has caught up", hasAll);
    await until("it has a snapshot", async () => (await statusAt(own))[snapshot as string] > revision);
    await stage.stop(away);
    await stage.start(away);
    await until("it has all again", hasAll);
    expect((await once(gatewayAt(away))).revision).toBe(revision);
  });

  test("keeps all that it acknowledged when every process is stopped and started again", async () => {
    const keys = Array.from({ length: 20 }, (_, number) => `key${number}`);
    await Promise.all(keys.map((key) => stage.write(key, `value of ${key}`)));
    await stage.stop(...NODES);
    await stage.start(...NODES);
    await stage.leader();
    const values = await Promise.all(keys.map((key) => stage.value(key)));
    expect(values).toEqual(keys.map((key) => `value of ${key}`));
  });
});

function stageOf(engine: EngineName): Promise<ClusterStage> {
  // Snapshots after some twenty writes: what is older is in no log any more.
  const limits = { snapshotCharacters: 4000, keptEntries: 5 };
  const proposer = { limits: { keptBelowSnapshot: 5, keptEntries: 5 } };
  const tuning = { learner: { limits }, raft: { limits }, proposer, peerTimeoutMs: 500 };
  return ClusterStage.forFile({ engine, shape: engine === "raft" ? RAFT : COMPACT, tuning });
}
