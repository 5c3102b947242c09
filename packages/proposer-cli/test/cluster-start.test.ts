import { ClusterFolder, preset } from "@synod/replica-server/topology";
import { expect, test } from "vitest";
import { refuseToMove } from "../src/commands/cluster-start.ts";
import { fakeCluster, healthyStatus } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

test("a cluster that was started keeps its ports: --port-offset is refused where it would mean others", async () => {
  const cluster = await fakeCluster(healthyStatus);
  const { exitCode, stderr } = await runCommand("synod", [
    ...["cluster", "start", "--port-offset", "700", "--home", cluster.home],
  ]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    `the cluster kv was started here on other ports (acceptor1 is at ${cluster.server("acceptor1").address}), and keeps ` +
      "them: leave --port-offset out, or start a second cluster in a folder of its own, with --home",
  );
});

test.each(["kv", "kv-compact"] as const)("the offset that %s was started with may be said again", (name) => {
  const known = {
    topology: preset(name, { portOffset: 700, cluster: "mine" }),
    clusterId: "c",
    folder: new ClusterFolder("mine", "nowhere"),
    secret: undefined,
  };
  expect(() => refuseToMove(known, { "port-offset": 700 })).not.toThrow();
  expect(() => refuseToMove(known, {})).not.toThrow();
  expect(() => refuseToMove(known, { "port-offset": 701 })).toThrow("keeps them");
});
