import { expect, test } from "vitest";
import { runningNode } from "../src/cluster/node-process.ts";
import { clusterOperator } from "../src/cluster/operator.ts";
import type { ClusterSettings, Node } from "../src/cluster/settings.ts";
import { type ClusterStage, setClusterStage } from "./cluster-stage.ts";

const AT_MOST = { timeout: 240_000 };

/** A cluster that is up, and what the page of each of two gateways can do with it. */
async function twoOperators() {
  const stage = await setClusterStage("small");
  const start = await stage.synod("cluster", "start", stage.topologyFile);
  expect(start.exitCode, start.stderr).toBe(0);
  const settings = { ...stage.folder.read(), folder: stage.folder, secret: undefined } as ClusterSettings;
  return { stage, first: operatorAt(stage, settings), second: operatorAt(stage, settings) };
}

function operatorAt(stage: ClusterStage, settings: ClusterSettings) {
  const self = stage.topology.nodes.find(({ name }) => name === "gateway") as Node;
  return clusterOperator(settings, self, Error);
}

test(
  "a node that is recovered at two gateways at once is started once, and both are told that it is up",
  AT_MOST,
  async () => {
    const { stage, first, second } = await twoOperators();
    expect((await first.fail("acceptor1")).done).toBe("killed");
    const deeds = await Promise.all([first.recover("acceptor1"), second.recover("acceptor1")]);
    const pid = stage.pidOf("acceptor1");
    expect(deeds.map((deed) => deed.pid)).toEqual([pid, pid]);
    expect(deeds.map(({ done }) => done).sort()).toEqual(["already-up", "started"]);
  },
);

test(
  "a node that is failed while it starts is down in the end: it does not come up after that was said",
  AT_MOST,
  async () => {
    const { stage, first, second } = await twoOperators();
    expect((await first.fail("acceptor1")).done).toBe("killed");
    const recovering = first.recover("acceptor1").catch(() => null);
    expect((await second.fail("acceptor1")).done).toBe("killed");
    await recovering;
    expect(runningNode(stage, { name: "acceptor1" } as Node)).toBeNull();
  },
);
