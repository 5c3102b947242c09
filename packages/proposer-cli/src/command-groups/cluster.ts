import { clusterCut, clusterHeal } from "../commands/cluster-cut.js";
import { clusterFail, clusterStop } from "../commands/cluster-end.js";
import { clusterFault, clusterFaults } from "../commands/cluster-faults.js";
import { clusterLogs } from "../commands/cluster-logs.js";
import { clusterRecover } from "../commands/cluster-recover.js";
import { clusterReset } from "../commands/cluster-reset.js";
import { clusterRunNode } from "../commands/cluster-run-node.js";
import { clusterStart } from "../commands/cluster-start.js";
import { clusterStatus } from "../commands/cluster-status.js";
import { clusterTest } from "../commands/cluster-test.js";
import { clusterTopology } from "../commands/cluster-topology.js";
import type { Command } from "../terminal/command.js";

/** What `synod cluster` groups, as its help lists it. */
export const CLUSTER_COMMANDS: readonly Command[] = [
  clusterStart,
  clusterStatus,
  clusterTest,
  clusterLogs,
  clusterFail,
  clusterRecover,
  clusterCut,
  clusterHeal,
  clusterFault,
  clusterFaults,
  clusterStop,
  clusterReset,
  clusterTopology,
  clusterRunNode,
];
