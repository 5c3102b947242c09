import type { Explored } from "./model-text.js";
import { counterexampleDocument } from "./simulation-document.js";
import type { Telling } from "./violation-text.js";

/** The outcome for programs. */
export function modelDocument(telling: Telling, { experiment, bounds, result, wallMs, stoppedBy }: Explored) {
  const { counterexample, verdict, states, steps, depth, localStates, messages, seen, notSeen } = result;
  return {
    protocol: experiment.protocol,
    settings: experiment.settings,
    mutation: experiment.mutation,
    bounds: { requests: bounds.requests, crashes: bounds.crashes, duplicates: bounds.duplicates },
    properties: bounds.properties,
    verdict,
    stoppedBy,
    states,
    steps,
    depth,
    localStates,
    messages,
    wallMs: Math.round(wallMs),
    seen: seen.map(({ name }) => name),
    notSeen: notSeen.map(({ name }) => name),
    violation: counterexample && {
      ...counterexample.violation,
      counterexample: counterexampleDocument(telling, counterexample),
    },
  };
}
