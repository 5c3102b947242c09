import type { NodeId } from "@synod/consensus";
import { takingPart } from "./diagram.js";
import type { Step } from "./steps.js";

/** The steps as a Mermaid sequence diagram (https://mermaid.js.org), to be put into a page or a README. */
export function mermaidOf(steps: readonly Step[], order: readonly NodeId[]): string[] {
  return [
    "sequenceDiagram",
    ...takingPart(steps, order).map((name) => `  participant ${name}`),
    ...steps.flatMap((step) => [`  ${lineOf(step)}`, ...notesOf(step)]),
  ];
}

function lineOf({ node, from, cause }: Step): string {
  return from === null ? `Note over ${node}: ${escaped(`${node} ${cause}`)}` : `${from}->>${node}: ${escaped(cause)}`;
}

/** What got to the disk and what clients were told; messages are drawn where they arrive. */
function notesOf({ node, effects }: Step): string[] {
  return effects
    .filter((effect) => !effect.startsWith("sends "))
    .map((effect) => `  Note over ${node}: ${escaped(effect)}`);
}

/** What Mermaid would take for its own syntax. */
function escaped(text: string): string {
  return text.replace(/[#;<>{}\\]/g, (sign) => `#${sign.charCodeAt(0)};`).replace(/\s+/g, " ");
}
