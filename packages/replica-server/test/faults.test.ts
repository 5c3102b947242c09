import { expect, test } from "vitest";
import { ChangeReader } from "./change-reader.ts";
import { ClusterStage, until } from "./cluster-stage.ts";

async function breakAt(stage: ClusterStage, servers: readonly string[], faults: string): Promise<void> {
  for (const server of servers) {
    const { status, body } = await stage.ask(server, "POST /faults", { faults });
    expect([status, body]).toEqual([200, expect.anything()]);
  }
}

test("a leader that is cut off from the acceptors is replaced, and nothing that was acknowledged is lost", async () => {
  const stage = await ClusterStage.started();
  await stage.write("a", "1");
  const leader = await stage.leader();
  await breakAt(stage, [leader], `cut ${leader}>*`);
  await until("another leads", async () => {
    const { body } = await stage.ask(leader === "proposer1" ? "proposer2" : "proposer1", "GET /status");
    return body.is_leader;
  });
  expect((await stage.write("a", "2")).status).toBe(200);
  expect((await stage.ask(leader, "DELETE /faults")).body.healed).toHaveLength(1);
  await stage.write("a", "3");
  expect(await stage.value("a")).toBe("3");
});

test("a leader that is paused is replaced, and when it goes on it does not take its old word for a new one", async () => {
  const stage = await ClusterStage.started();
  await stage.write("a", "1");
  const leader = await stage.leader();
  await breakAt(stage, [leader], `pause ${leader}`);
  expect((await stage.write("a", "2")).status).toBe(200);
  await stage.ask(leader, "DELETE /faults");
  const strong = await Promise.all(Array.from({ length: 5 }, () => stage.value("a")));
  expect(strong).toEqual(["2", "2", "2", "2", "2"]);
});

test("a learner that hears nothing answers at the eventual level alone, and catches up once the link is healed", async () => {
  const stage = await ClusterStage.started();
  await stage.write("a", "1");
  await until("it has it", async () => (await stage.value("a", "eventual", "learner2")) === "1");
  const others = ["acceptor1", "acceptor2", "acceptor3", "proposer1", "proposer2", "learner1"];
  await breakAt(stage, [...others, "learner2"], "cut *<>learner2");
  const { body: written } = await stage.write("a", "2");
  expect(await stage.value("a", "eventual", "learner2")).toBe("1");
  const { token } = written;
  const refused = await stage.read("a", "session", "learner2", { token, timeout_ms: 3000 });
  expect(refused.body).toMatchObject({ code: "not-caught-up", definite: true });
  expect(await stage.value("a", "strong")).toBe("2");
  for (const server of [...others, "learner2"]) await stage.ask(server, "DELETE /faults");
  await until("it has caught up", async () => (await stage.value("a", "eventual", "learner2")) === "2");
});

test("a stream at the gateway goes on at another learner when the link to the first one is cut", async () => {
  const stage = await ClusterStage.started({ tuning: { heartbeatMs: 200 } });
  const { body } = await stage.ask("gateway1", "POST /subscribe", { patterns: ["*"] });
  const changes = await ChangeReader.open(stage.url("gateway1", body.events));
  await stage.write("a", "0");
  await until("it is told", () => changes.events.length === 1);
  for (const learner of ["learner1", "learner2"]) {
    await breakAt(stage, ["gateway1"], `cut gateway>${learner}`);
    await stage.write("a", learner);
    await stage.ask("gateway1", "DELETE /faults");
  }
  await until("all is told", () => changes.events.length >= 3);
  expect(changes.values).toEqual(["0", "learner1", "learner2"]);
  changes.close();
});
