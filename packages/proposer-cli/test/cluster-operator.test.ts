import { expect, test } from "vitest";
import { clusterOperator } from "../src/cluster/operator.ts";
import type { ClusterSettings, Node } from "../src/cluster/settings.ts";
import { setClusterStage } from "./cluster-stage.ts";

test("two people who recover a node at once start it once, and both are told that it is up", {
  timeout: 240_000,
}, async () => {
  const stage = await setClusterStage("small");
  const start = await stage.synod("cluster", "start", stage.topologyFile);
  expect(start.exitCode, start.stderr).toBe(0);
  const record = stage.folder.read();
  const settings = { ...record, folder: stage.folder, secret: undefined } as ClusterSettings;
  const self = stage.topology.nodes.find(({ name }) => name === "gateway") as Node;
  const operator = clusterOperator(settings, self, Error);
  expect((await operator.fail("acceptor1")).done).toBe("killed");
  const deeds = await Promise.all([operator.recover("acceptor1"), operator.recover("acceptor1")]);
  const up = { done: "started", pid: stage.pidOf("acceptor1") };
  expect(deeds).toEqual([up, up]);
  // What was under way is over: who asks later is told how it is then.
  expect(await operator.recover("acceptor1")).toEqual({ ...up, done: "already-up" });
  await operator.fail("acceptor1");
  expect((await operator.recover("acceptor1")).done).toBe("started");
});
