export { type NodeOptions, type RunningNode, startNode } from "./node.js";
export {
  type DecidedValue,
  LogCompacted,
  type LogRefusal,
  LogRefused,
  type Patience,
  type ReplicatedLog,
} from "./replicated-log.js";
export type { RunningLearner } from "./roles/learner.js";
export type { NodeTuning, RunningRole } from "./roles/role-context.js";
