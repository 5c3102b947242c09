import type { CampaignSummary } from "@synod/simulator";
import type { ComparisonAsked } from "./compared.js";
import type { Experiment } from "./experiment.js";
import { replayCommand } from "./replay-command.js";

/** What one engine came to. */
export interface EngineFindings {
  readonly experiment: Experiment;
  readonly summary: CampaignSummary;
}

/** The figures of one engine, in all schedules together, for programs and for the table. */
export function engineDocument(asked: ComparisonAsked, { experiment, summary }: EngineFindings) {
  const { MESSAGES_FOR, MESSAGES_OF, PURPOSES, WITHOUT_LEADER } = asked.simulator;
  const { counts, longest, broken } = summary;
  const count = (name: string) => counts[name] ?? 0;
  const forWrites = count(`${MESSAGES_FOR}writes`);
  const forReads = count(`${MESSAGES_FOR}strong reads`);
  const kinds = Object.keys(counts).filter((name) => name.startsWith(MESSAGES_OF));
  const unserved = longest[WITHOUT_LEADER];
  const [first] = broken;
  return {
    protocol: experiment.protocol,
    mutation: experiment.mutation,
    messages: {
      sent: count("messages"),
      byPurpose: Object.fromEntries(Object.keys(PURPOSES).map((name) => [name, count(MESSAGES_FOR + name)])),
      byKind: Object.fromEntries(kinds.sort().map((name) => [name.slice(MESSAGES_OF.length), count(name)])),
      perAcknowledgedWrite: ratio(forWrites, count("writes acknowledged")),
      perAcknowledgedStrongRead: ratio(forReads, count("strong reads acknowledged")),
    },
    elections: { begun: count("elections"), leaders: count("leaders"), rounds: count("rounds") },
    withoutLeader: {
      totalUs: count(WITHOUT_LEADER),
      longestUs: unserved?.us ?? 0,
      longestInSeed: unserved?.seed ?? null,
    },
    operations: {
      asked: count("writes asked") + count("strong reads asked"),
      writesAcknowledged: count("writes acknowledged"),
      strongReadsAcknowledged: count("strong reads acknowledged"),
      refused: count("writes refused") + count("strong reads refused"),
      unknown: count("writes unknown") + count("strong reads unknown"),
      clientCrashed: count("not answered"),
    },
    disk: { flushes: count("flushes in time"), records: count("records") },
    violations: summary.brokenCount,
    firstViolation: first ? { seed: first.seed, property: first.property, sentence: first.sentence } : null,
  };
}

export type EngineDocument = ReturnType<typeof engineDocument>;

/** All that a comparison found, for programs. The same seeds and faults give the same document. */
export function comparisonDocument(asked: ComparisonAsked, engines: readonly EngineDocument[]) {
  const { simulator, settings, mutation, faultsFile, faults, seeds } = asked;
  const { heartbeatMs, electionTimeoutMs } = simulator.COMPARED_TIMING;
  return {
    settings,
    timing: { heartbeatMs, electionTimeoutMs: { least: electionTimeoutMs, most: 2 * electionTimeoutMs } },
    mutation,
    faultsFile,
    faults: faults?.map(simulator.faultInWords) ?? null,
    seeds,
    schedules: seeds.last - seeds.first + 1,
    engines,
  };
}

/** The line that compares the engines in this seed alone. */
export function replayComparison(asked: ComparisonAsked, seed: number): string {
  const { simulator, experiments, faultsFile } = asked;
  const names = experiments.map(({ protocol }) => protocol);
  const protocol = simulator.ENGINES.find(({ name }) => name === names[0]);
  const [first] = experiments;
  if (protocol === undefined || first === undefined) throw new Error("engines that were compared are there");
  const experiment = { ...first, protocol: names.join(",") };
  const mutation = asked.mutation === null ? null : { name: asked.mutation, sentence: "" };
  return replayCommand({ protocol, mutation, experiment, faultsFile }, seed, ["--compare"]);
}

/** Null where nothing was done at all. */
function ratio(messages: number, times: number): number | null {
  return times === 0 ? null : Math.round((messages / times) * 10) / 10;
}
