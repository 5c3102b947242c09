import type { BrokenSeed, Counterexample } from "@synod/simulator";
import type { Asked } from "./asked.js";
import { type Findings, livenessAsked, neverSeen } from "./findings.js";
import { replayCommand } from "./replay-command.js";
import { diagramLines, type Telling } from "./violation-text.js";

/** All that a simulation found, for programs. */
export function simulationDocument(asked: Asked, findings: Findings) {
  const { protocol, mutation, experiment, seeds, system, simulator, faultsFile } = asked;
  const { summary, interrupted, wallMs, broken, closeLook } = findings;
  const { schedules, counts, longest, virtualUs, brokenCount, brokenBy } = summary;
  const always = simulator.propertiesOf(system).filter(({ kind }) => kind === "always");
  return {
    protocol: protocol.name,
    settings: experiment.settings,
    mutation: mutation && { name: mutation.name, sentence: mutation.sentence },
    properties: experiment.properties,
    faultsFile,
    seeds,
    schedules,
    interrupted,
    counts,
    longest: Object.fromEntries(
      Object.entries(longest).map(([what, { us, seed }]) => [what, { us, seed, replay: replayCommand(asked, seed) }]),
    ),
    virtualUs,
    wallMs: Math.round(wallMs),
    always: always.map((one) => ({ name: one.name, sentence: one.sentence })),
    sometimes: system.sometimes.map((one) => ({ ...one, count: counts[one.name] ?? 0 })),
    neverHappened: neverSeen(asked, findings).map((one) => one.name),
    liveness: system.liveness && { ...system.liveness, askedIn: livenessAsked(asked, summary) },
    ...(seeds.first === seeds.last && closeLook ? { faults: closeLook.faults, digest: closeLook.digest } : {}),
    ...(findings.troubles === null ? {} : { troubles: findings.troubles }),
    violation: broken && violationDocument(asked, findings, broken),
    ...(experiment.keepsGoing ? { brokenCount, brokenBy, brokenSeeds: summary.broken.map(brokenSeed) } : {}),
  };
}

function brokenSeed({ seed, property }: BrokenSeed) {
  return { seed, property };
}

function violationDocument(asked: Asked, { inquiry, closeLook }: Findings, broken: BrokenSeed) {
  const { property, kind, sentence, seed, atUs } = broken;
  const example = inquiry?.counterexample ?? null;
  return {
    property,
    kind,
    sentence,
    seed,
    atUs,
    digest: closeLook?.digest ?? null,
    faults: inquiry?.neededFaults ?? null,
    faultCount: closeLook?.faults.length ?? null,
    replay: replayCommand(asked, seed),
    counterexample: example && counterexampleDocument(asked, example),
  };
}

export function counterexampleDocument(telling: Telling, counterexample: Counterexample) {
  const { violation, steps, actions, messages, crashes, shrunkFrom, isMinimal } = counterexample;
  const lines = diagramLines(telling, counterexample);
  return {
    sentence: violation.sentence,
    actions: actions.length,
    messages,
    crashes,
    shrunkFrom,
    isMinimal,
    steps,
    story: telling.simulator.storyOf(steps),
    ...(telling.diagram === "text" ? { diagram: lines } : {}),
    ...(telling.diagram === "mermaid" ? { mermaid: lines } : {}),
  };
}
