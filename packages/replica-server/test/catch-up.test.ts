import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { ClusterStage, until } from "./cluster-stage.ts";

const TINY = {
  learner: { limits: { snapshotCharacters: 2000, keptEntries: 5 } },
  proposer: { limits: { keptBelowSnapshot: 5, keptEntries: 5 } },
};

test("a learner that was down catches up", async () => {
  const stage = await ClusterStage.started();
  await stage.write("a", "1");
  await stage.stop("learner2");
  await stage.write("a", "2");
  expect(await stage.value("a")).toBe("2");
  await stage.start("learner2");
  await until("it has caught up", async () => (await stage.value("a", "eventual", "learner2")) === "2");
});

test("a learner that is behind the truncated log gets a peer's snapshot, also one that lost its disk", async () => {
  const stage = await ClusterStage.started({ tuning: TINY });
  const write = async (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      expect((await stage.write(`key${number % 7}`, `${number} ${"x".repeat(100)}`)).status).toBe(200);
    }
  };
  const truncated = async () => (await stage.ask("acceptor1", "GET /status")).body.truncatedThrough;
  await write(0, 60);
  await until("the acceptors forget", async () => (await truncated()) > 20);
  await stage.stop("learner2");
  rmSync(`${stage.folder}/learner2/learner`, { recursive: true });
  await write(60, 80);
  await stage.start("learner2");
  await until("it has caught up", async () => {
    return ((await stage.value("key2", "eventual", "learner2")) ?? "").startsWith("79 ");
  });
  const status = (await stage.ask("learner2", "GET /status")).body;
  expect(status.snapshot_through).toBeGreaterThan(20);
  expect(status.keys).toBe(7);
  // A command that is sent again after that is still recognized: the sessions are in the snapshot.
  expect(status.sessions).toBe(1);
});

test("a learner that restarts begins with its own snapshot", async () => {
  const stage = await ClusterStage.started({ tuning: TINY });
  for (let number = 0; number < 30; number++) await stage.write("a", `${number} ${"x".repeat(100)}`);
  await until("there is a snapshot", async () => {
    return (await stage.ask("learner1", "GET /status")).body.snapshot_through > 0;
  });
  await stage.stop("learner1");
  await stage.start("learner1");
  const status = (await stage.ask("learner1", "GET /status")).body;
  expect(status.snapshot_through).toBeGreaterThan(0);
  expect(status.last_applied).toBeGreaterThanOrEqual(status.snapshot_through);
  await until(
    "it has the rest",
    async () => (await stage.value("a", "eventual", "learner1"))?.startsWith("29 ") === true,
  );
});
