import type { NodeId } from "@synod/consensus";
import type { Step } from "./steps.js";

/** How far apart the lines of two nodes are, in characters. */
const LANE = 6;

const MARKS: Readonly<Record<Step["kind"], string>> = {
  request: "●",
  timeout: "◷",
  synced: "■",
  crash: "✗",
  restart: "○",
  deliver: "",
};

/**
 * The steps as a space-time diagram in text: a line down the page for each node, time downwards, an arrow for each
 * message that arrives, drawn where it arrives.
 *
 * @param order every node, in the order of the lines; those that take part in nothing are left out
 */
export function diagramOf(steps: readonly Step[], order: readonly NodeId[]): string[] {
  const nodes = takingPart(steps, order);
  const width = `${steps.length}`.length + 1;
  const head = " ".repeat(width + 1) + nodes.map((name) => name.padEnd(LANE)).join("");
  const down = new Set<NodeId>();
  const rows = steps.map((step, place) => {
    const row = rowOf(step, nodes, down);
    if (step.kind === "crash") down.add(step.node);
    if (step.kind === "restart") down.delete(step.node);
    const words = step.from === null ? `${step.node} ${step.cause}` : step.cause;
    return `${`${place + 1}`.padStart(width)} ${row}  ${words}`;
  });
  return [head.trimEnd(), ...rows];
}

/** The nodes that something reaches or that send something which arrives. */
export function takingPart(steps: readonly Step[], order: readonly NodeId[]): NodeId[] {
  return order.filter((name) => steps.some(({ node, from }) => node === name || from === name));
}

function rowOf({ kind, node, from }: Step, nodes: readonly NodeId[], down: ReadonlySet<NodeId>): string {
  const cells = nodes.flatMap((name) => [down.has(name) ? " " : "│", ..." ".repeat(LANE - 1)]);
  const at = nodes.indexOf(node) * LANE;
  if (from === null) {
    cells[at] = MARKS[kind];
    return cells
      .join("")
      .trimEnd()
      .padEnd(cells.length - LANE + 1);
  }
  const start = nodes.indexOf(from) * LANE;
  const [left, right] = start < at ? [start, at] : [at, start];
  for (let place = left + 1; place < right; place++) cells[place] = cells[place] === "│" ? "┼" : "─";
  cells[start] = start < at ? "├" : "┤";
  cells[start < at ? at - 1 : at + 1] = start < at ? "▶" : "◀";
  return cells
    .join("")
    .trimEnd()
    .padEnd(cells.length - LANE + 1);
}
