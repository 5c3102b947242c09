import type { NodeId } from "@synod/consensus";
import type { Fault, Microseconds } from "./fault.js";
import { nodesOf } from "./links.js";

/** What takes faults of other lines back. */
type Remedy = Extract<Fault, { kind: "restart" | "resume" | "heal" }>;

/** What ends a fault of this kind before its time, beside `heal`. */
const REMEDIES: Readonly<Partial<Record<Fault["kind"], Remedy["kind"]>>> = { crash: "restart", pause: "resume" };

/**
 * When nothing happens any more: every fault is over, and everything that takes one back is past. Null if some fault
 * never ends; 0 if there is none. Faults without a beginning begin at 0.
 *
 * @param faults in the order of the text, which decides between those of the same time
 * @param all the names of the nodes there are
 */
export function endOfFaults(faults: readonly Fault[], all: readonly NodeId[]): Microseconds | null {
  let endUs = 0;
  for (const [place, fault] of faults.entries()) {
    const beginUs = fault.atUs ?? 0;
    const later = faults.filter(
      (other, otherPlace) => (other.atUs ?? 0) > beginUs || ((other.atUs ?? 0) === beginUs && otherPlace > place),
    );
    endUs = Math.max(endUs, beginUs, endOf(fault, beginUs, later, all));
  }
  return endUs === Number.POSITIVE_INFINITY ? null : endUs;
}

/** When the last node or link is rid of this fault. @param later the faults that begin after it */
function endOf(fault: Fault, beginUs: Microseconds, later: readonly Fault[], all: readonly NodeId[]): number {
  if (!("forUs" in fault)) return beginUs;
  const ownEndUs = fault.forUs === null ? Number.POSITIVE_INFINITY : beginUs + fault.forUs;
  const healedUs = earliest(later.filter(({ kind }) => kind === "heal"));
  const endUs = Math.min(ownEndUs, healedUs);
  if (fault.kind !== "crash" && fault.kind !== "pause") return endUs;
  const ends = nodesOf(fault.nodes, all).map((node) =>
    earliest(later.filter((other) => other.kind === REMEDIES[fault.kind] && names(other, node))),
  );
  return Math.min(endUs, Math.max(beginUs, ...ends));
}

function names(fault: Fault, node: NodeId): boolean {
  return "nodes" in fault && (fault.nodes === "*" || fault.nodes.includes(node));
}

function earliest(faults: readonly Fault[]): number {
  return Math.min(...faults.map(({ atUs }) => atUs ?? 0));
}
