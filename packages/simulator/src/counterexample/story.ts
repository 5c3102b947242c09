import type { Step } from "./steps.js";

/** The steps as numbered prose, one a paragraph of the list. */
export function storyOf(steps: readonly Step[]): string[] {
  return steps.map((step, place) => `${place + 1}. ${sentencesOf(step)}`);
}

function sentencesOf({ node, from, cause, effects }: Step): string {
  const first = from === null ? `${node} ${cause}.` : `${node} hears from ${from}: ${cause}.`;
  return [first, ...effects.map((effect) => `It ${effect}.`)].join(" ");
}
