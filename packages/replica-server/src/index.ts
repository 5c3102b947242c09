export { type NodeOptions, type RunningNode, startNode } from "./node.js";
export { type NodeDeed, type NodeOperator, OperationFailed } from "./page/node-operator.js";
export {
  type DecidedValue,
  LogCompacted,
  type LogRefusal,
  LogRefused,
  type Patience,
  type ReplicatedLog,
} from "./replicated-log.js";
export type { NodeTuning, RunningRole } from "./roles/role-context.js";
export type { RunningLearner } from "./roles/state-server.js";
export { type Replica, type ReplicaOptions, startReplica } from "./start-replica.js";
