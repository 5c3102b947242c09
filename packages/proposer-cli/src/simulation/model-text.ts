import type { ModelBounds, ModelResult } from "@synod/simulator";
import { columns } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import type { Experiment } from "./experiment.js";
import { counted, grouped, spanInWords } from "./figures.js";
import { elapsedInUs } from "./progress.js";
import { contentsOf, type Telling, tellingLines } from "./violation-text.js";

/** What was explored, and how it ended. */
export interface Explored {
  readonly experiment: Experiment;
  readonly bounds: ModelBounds;
  readonly result: ModelResult;
  readonly wallMs: number;
  /** Why it was stopped before it had seen everything; null if it was not. */
  readonly stoppedBy: string | null;
}

/** The outcome as a person reads it. */
export function modelLines(telling: Telling, explored: Explored, colors: Terminal["colors"]): string[] {
  const { experiment, bounds, result, wallMs } = explored;
  const settings = Object.entries(experiment.settings).map(([name, value]) => `${name} ${value}`);
  const rate = grouped(Math.round((result.states / wallMs) * 1000));
  const { requests, crashes, duplicates } = bounds;
  return [
    `Model of ${experiment.protocol}: ${settings.join(", ")}`,
    `Bounds: requests ${requests} a node, crashes ${crashes}, duplicates ${duplicates}`,
    ...(experiment.mutation ? [`Planted flaw ${experiment.mutation}`] : []),
    "",
    ...columns([
      ["states", grouped(result.states)],
      ["steps", grouped(result.steps)],
      ["depth", grouped(result.depth)],
      ["of one node", `${counted(result.localStates, "state")}, ${counted(result.messages, "message")}`],
      ["real time", `${spanInWords(elapsedInUs(wallMs))}, ${rate} states/s`],
    ]).map((line) => `  ${line}`),
    "",
    ...verdictLines(telling, explored, colors),
  ];
}

function verdictLines(telling: Telling, explored: Explored, { green, red, yellow }: Terminal["colors"]): string[] {
  const { experiment, bounds, result, stoppedBy } = explored;
  const checked = telling.simulator
    .propertiesOf(telling.system)
    .filter(({ name, kind }) => kind === "always" && (bounds.properties?.includes(name) ?? true));
  const names = checked.map(({ name }) => name).join(", ");
  const reached = [
    ...(result.seen.length > 0 ? [`  Reached: ${result.seen.map(({ name }) => name).join(", ")}`] : []),
    ...(result.notSeen.length > 0 ? [`  Not seen: ${result.notSeen.map(({ name }) => name).join(", ")}`] : []),
  ];
  switch (result.verdict) {
    case "holds":
      return [
        experiment.mutation
          ? red("HOLDS in every state: the model is too small to show this flaw.")
          : green("HOLDS in every state:"),
        `  ${names}`,
        ...reached,
      ];
    case "unknown":
      return [
        yellow(`UNKNOWN: stopped by ${stoppedBy} with ${grouped(result.states)} states met, not all looked at.`),
        `  Held so far: ${names}`,
        ...reached,
      ];
    case "violation":
      return [...violationLines(telling, result, red)];
  }
}

function violationLines(
  telling: Telling,
  { counterexample, depth }: ModelResult,
  red: (text: string) => string,
): string[] {
  if (!counterexample) return [];
  const { property } = counterexample.violation;
  const meaning = telling.simulator.propertiesOf(telling.system).find(({ name }) => name === property)?.sentence;
  return [
    `${red(`VIOLATION of ${property}`)}: ${meaning}`,
    `The shortest run that breaks it takes ${counted(depth, "step")} of the model: ${contentsOf(counterexample)}`,
    "",
    ...tellingLines(telling, counterexample),
  ];
}
