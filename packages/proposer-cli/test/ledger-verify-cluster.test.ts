import path from "node:path";
import { expect, test } from "vitest";
import { ClusterStage, COMPACT, until } from "../../replica-server/test/cluster-stage.ts";
import { runCommand } from "./run-command.ts";

/** Snapshots come soon. */
const tuning = { learner: { limits: { snapshotCharacters: 2000, keptEntries: 5 } } };

test("real servers' chains are verified while they run, and in their files with the snapshots that they leave", async () => {
  const stage = await ClusterStage.started({ application: "ledger", shape: COMPACT, tuning });
  const gateways = ["gateway1", "gateway2", "gateway3"];
  for (let count = 0; count < 30; count++) {
    const operation = { type: "put", key: `key ${count % 7}`, value: { count, text: "ä\u0000🙂" } };
    await stage.ask(gateways[count % 3] ?? "", "POST /ledger/blocks", { operation });
  }
  await until("each has all blocks in its file", async () => {
    const chains = await Promise.all(gateways.map((name) => stage.ask(name, "GET /ledger/chain")));
    return chains.every(({ body }) => body.recorded === 30);
  });
  const servers = gateways.map((name) => stage.url(name, "").replace("http://", "")).join(",");
  const live = await runCommand("synod", ["ledger", "verify", "--servers", servers]);
  expect(live.stdout.match(/ 30 .* 7 +compared +all right$/gm), live.stdout).toHaveLength(3);
  expect(live.exitCode).toBe(0);
  await until("each has a snapshot", async () => {
    const learners = ["learner1", "learner2", "learner3"].map((name) => stage.ask(name, "GET /status"));
    return (await Promise.all(learners)).every(({ body }) => body.snapshot_through > 0);
  });
  await stage.stop("node1", "node2", "node3");
  const folders = ["node1", "node2", "node3"].map((name) => path.join(stage.folder, name));
  const files = await runCommand("synod", ["ledger", "verify", "--data", ...folders]);
  expect(files.stdout.match(/ 30 .* compared +all right$/gm), files.stdout).toHaveLength(3);
  expect(files.stdout).toContain("The servers agree on all 30 blocks.\n");
  expect(files.exitCode).toBe(0);
});
