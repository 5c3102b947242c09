import type { BrokenSeed, Counterexample } from "@synod/simulator";
import type { Terminal } from "../terminal/terminal.js";
import type { Asked } from "./asked.js";
import { counted, spanInWords } from "./figures.js";
import type { Findings } from "./findings.js";
import { replayCommand } from "./replay-command.js";

/** What it takes to tell a counterexample. */
export type Telling = Pick<Asked, "simulator" | "system" | "diagram">;

/** The first violation as a person reads it: what, where, how to see it again, and the shortest story of it. */
export function violationLines(asked: Asked, findings: Findings, colors: Terminal["colors"]): string[] {
  const { broken, closeLook } = findings;
  if (!broken) return [];
  const { property, sentence, seed, atUs } = broken;
  const seen = closeLook ? ` (trace digest ${closeLook.digest})` : "";
  const meaning = asked.simulator.propertiesOf(asked.system).find(({ name }) => name === property)?.sentence;
  return [
    "",
    `${colors.red(`VIOLATION of ${property}`)}: ${meaning}`,
    // Of what did not happen there is no more to say than what should have.
    broken.kind === "always" ? `  ${sentence},` : "  This is not so",
    `  in seed ${seed}, after ${spanInWords(atUs)}${seen}`,
    "",
    "Replay it:",
    `  ${replayCommand(asked, seed)}`,
    ...faultLines(findings),
    ...exampleLines(asked, findings, broken),
  ];
}

function faultLines({ inquiry, closeLook }: Findings): string[] {
  if (!inquiry || !closeLook) return [];
  const [needed, all] = [inquiry.neededFaults, closeLook.faults.length];
  if (all === 0) return ["", "It happens without faults."];
  if (needed.length === 0) return ["", `It happens without any of the ${counted(all, "fault")} of this seed, too.`];
  return [
    "",
    `The faults that it takes (${needed.length} of ${all}; as a file for --faults, with the same seed):`,
    ...needed.map((fault) => `  ${fault}`),
  ];
}

function exampleLines(asked: Asked, { inquiry, troubles }: Findings, { kind, seed }: BrokenSeed): string[] {
  if (troubles !== null) return ["", `There is no shorter story, since looking closer failed: ${troubles}`];
  if (kind === "liveness") {
    return [
      "",
      "What did not happen cannot be told in few steps. Every event of the seed:",
      `  ${replayCommand(asked, seed, ["--trace", "trace.jsonl"])}`,
    ];
  }
  if (!inquiry) return ["", "Interrupted before a shorter counterexample was found."];
  const { counterexample } = inquiry;
  if (!counterexample) {
    return ["", "The events of this seed, done again without their times, break nothing: there is no shorter story."];
  }
  return ["", ...counterexampleLines(asked, counterexample)];
}

function counterexampleLines(asked: Asked, counterexample: Counterexample): string[] {
  return [
    headline(counterexample),
    ...(counterexample.isMinimal ? [] : ["(The search ended before it was sure that nothing more can be left out.)"]),
    "",
    ...tellingLines(asked, counterexample),
  ];
}

/** A run that breaks a property, step by step, and the diagram of it that was asked for. */
export function tellingLines(telling: Telling, counterexample: Counterexample): string[] {
  const { steps, violation } = counterexample;
  const diagram = diagramLines(telling, counterexample);
  return [
    ...telling.simulator.storyOf(steps),
    `So ${violation.sentence}.`,
    ...(diagram.length > 0 ? ["", ...diagram] : []),
    "",
    "Messages that are not shown never arrive.",
  ];
}

/** "Shrunk from 148 actions to 12: 5 messages, 1 crash". */
function headline(counterexample: Counterexample): string {
  const { shrunkFrom, actions } = counterexample;
  return `Shrunk from ${counted(shrunkFrom, "action")} to ${actions.length}: ${contentsOf(counterexample)}`;
}

/** "5 messages, 1 crash". */
export function contentsOf({ messages, crashes }: Counterexample): string {
  return [counted(messages, "message"), ...(crashes > 0 ? [counted(crashes, "crash", "crashes")] : [])].join(", ");
}

/** The diagram that was asked for; none for none. */
export function diagramLines({ diagram, simulator, system }: Telling, { steps }: Counterexample): string[] {
  const order = system.nodes.map(({ name }) => name);
  if (diagram === "none") return [];
  return diagram === "mermaid" ? simulator.mermaidOf(steps, order) : simulator.diagramOf(steps, order);
}
