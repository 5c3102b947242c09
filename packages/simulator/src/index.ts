export {
  type BrokenSeed,
  type CampaignSummary,
  NOTHING_RUN,
  neverHappened,
  runSeeds,
  together,
} from "./campaign/campaign.js";
export { type CheckedProperty, propertiesOf } from "./campaign/properties.js";
export { type MutationText, type Protocol, type Setting, type Settings, settingsFor } from "./campaign/protocol.js";
export { PROTOCOLS } from "./campaign/protocols.js";
export { MESSAGES_FOR, MESSAGES_OF, WITHOUT_LEADER } from "./comparison/engine-tally.js";
export { COMPARED_TIMING, ENGINES } from "./comparison/engines.js";
export { PURPOSES, type Purpose } from "./comparison/purposes.js";
export { GAP_US } from "./comparison/service-gaps.js";
export { type Counterexample, counterexampleOf } from "./counterexample/counterexample.js";
export { diagramOf } from "./counterexample/diagram.js";
export { mermaidOf } from "./counterexample/mermaid.js";
export { type Replayed, replay } from "./counterexample/replay.js";
export { type Shrunk, shrink } from "./counterexample/shrink.js";
export { shrinkFaults } from "./counterexample/shrink-faults.js";
export { type Step, stepsOf } from "./counterexample/steps.js";
export { storyOf } from "./counterexample/story.js";
export { endOfFaults } from "./faults/end-of-faults.js";
export type { DelayRange, Fault, Links, Microseconds, Nodes, Span, Tail } from "./faults/fault.js";
export { linksOf, nodesOf } from "./faults/links.js";
export { isNodeName } from "./faults/node-name.js";
export { namesForFaults } from "./faults/on-machines.js";
export { type PlannedFault, parseFaults } from "./faults/parse-faults.js";
export { faultInWords } from "./faults/print.js";
export { type RandomKind, type RandomPlanOptions, randomPlan } from "./faults/random-plan.js";
export { type FaultProblem, FaultSyntaxError } from "./faults/syntax-error.js";
export { type Account, accountOf, concurrentWith } from "./linearizability/account.js";
export {
  type CheckProgress,
  type CheckReport,
  checkHistory,
  type Explained,
  type KeyReport,
} from "./linearizability/check.js";
export { type History, HistoryReader, MalformedHistory } from "./linearizability/history-reader.js";
export { intervalPicture } from "./linearizability/interval-picture.js";
export { MODEL_NAMES, type ModelName } from "./linearizability/models.js";
export type { Name, Operation } from "./linearizability/operation.js";
export { historyPage } from "./linearizability/page.js";
export { type SampleOptions, sampleHistory } from "./linearizability/sample-history.js";
export { counted, keyName } from "./linearizability/wording.js";
export { Exploration, exploreModel, type ModelResult, type Progress } from "./model-checker/explore.js";
export type { ModelBounds } from "./model-checker/model.js";
export { TraceDigest } from "./simulation/digest.js";
export { faultsOf, type RunOptions, type RunResult, type RunViolation, runSeed } from "./simulation/run-seed.js";
export { type Observer, Simulation } from "./simulation/simulation.js";
export { traceLine } from "./simulation/trace.js";
export { canonicalText } from "./world/canonical.js";
export { Judge, OWN_RULES } from "./world/judge.js";
export type {
  Kinds,
  NodePlan,
  Occurrences,
  PropertyText,
  Request,
  System,
  Violation,
  Watch,
} from "./world/system.js";
export { World, type WorldHost } from "./world/world.js";
export type { Action, Effect, Surrounding, WorldEvent } from "./world/world-event.js";
