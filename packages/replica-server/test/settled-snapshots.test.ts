import type { Topology } from "@synod/api";
import { expect, onTestFinished, test } from "vitest";
import type { Application, LearnerApplication } from "../src/applications/application.ts";
import { RolesHere } from "../src/host/roles-here.ts";
import { startLearner } from "../src/roles/learner.ts";
import { freeTopology } from "./cluster-stage.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** An application that keeps something beside its snapshots, and is slow with it. */
function slowApplication(settled: Promise<void>): Application {
  const state = {
    apply: () => "null",
    recall: () => null,
    read: () => "null",
    snapshot: () => ["{}"],
    restore: () => {},
    sessions: 0,
    notCommands: 0,
  };
  const learner: LearnerApplication = {
    state,
    settled: () => settled,
    addRoutes: () => {},
    addGauges: () => {},
    status: () => ({ keys: 0, compacted_through: 0, subscriptions: 0 }),
    close: async () => {},
  };
  return { learner: () => learner, gateway: () => Promise.reject() as never };
}

async function learnerOf(
  application: Application,
): Promise<(message: object) => Promise<{ snapshotThrough: number | null }>> {
  const topology: Topology = await freeTopology({ shape: { a: ["acceptor", "proposer", "learner"] } });
  const server = topology.nodes[0]?.roles.find(({ role }) => role === "learner");
  if (!server) throw new Error("there is a learner");
  const learner = await startLearner({
    ...{ topology, server, clusterId: "c", faults: null, here: new RolesHere(), application },
    tuning: { learner: { limits: { snapshotCharacters: 10 } } },
    folder: temporaryFolder(),
  });
  onTestFinished(() => learner.close());
  const url = `http://127.0.0.1:${server.address.port}/learn`;
  const common = { type: "learn", leader: "proposer1", id: 17 };
  return async (message) => {
    const body = JSON.stringify({ ...common, ...message });
    // As a node sends it: people may not say what is decided where chaos is off.
    const headers = { "content-type": "application/json", "synod-from": "a", "synod-cluster": "c" };
    const answer = await fetch(url, { method: "POST", body, headers });
    return (await answer.json()) as { snapshotThrough: number | null };
  };
}

test("a learner tells of a snapshot once what the application keeps beside it is durable, and not before", async () => {
  let settle: () => void = () => {};
  const learn = await learnerOf(slowApplication(new Promise((resolve) => (settle = resolve))));
  await learn({ number: 1, from: 1, values: ["a value of the log"], decidedThrough: 1 });
  let told: number | null = -1;
  const asked = learn({ number: 2, from: 2, values: [], decidedThrough: 1 }).then(({ snapshotThrough }) => {
    told = snapshotThrough;
  });
  // Another message is answered meanwhile: what is applied is applied, and no crash undoes it.
  await learn({ number: 3, from: 2, values: ["another"], decidedThrough: 2 });
  expect(told).toBe(-1);
  settle();
  await asked;
  expect(told).toBeGreaterThanOrEqual(1);
});
