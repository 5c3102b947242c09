import type { Fault, PlannedFault } from "@synod/simulator";
import { RequestRefused } from "./refusals.js";

/** A fault that a running server takes. */
type ServerFault = Extract<Fault, { kind: "cut" | "drop" | "duplicate" | "reorder" | "delay" | "slow-disk" | "pause" }>;

/** A fault as it was read, and in words. */
export interface ReadFault {
  readonly fault: ServerFault;
  readonly text: string;
  /** Every link that it meets; none for a fault of nodes. */
  readonly links: readonly (readonly [from: string, to: string])[];
  /** Every node that it meets; none for a fault of links. */
  readonly nodes: readonly string[];
}

interface FaultProblem {
  readonly line: number;
  readonly message: string;
}

/** Why a running server does not take a fault of this kind, and what to do in its place. */
const NOT_TAKEN: Partial<Record<Fault["kind"], string>> = {
  crash: "a server does not kill itself: end its process instead",
  restart: "a server does not start itself: start its process instead",
  skew: "a server takes its time from the machine, whose clock it does not touch",
  resume: "to end a pause early, heal it: DELETE /faults?id= and its number",
  heal: "to end faults, send DELETE /faults",
};

/**
 * Reads faults in the language of docs/faults.md, as far as they can be done to a server that runs.
 *
 * @param all the nodes of the cluster
 * @throws {RequestRefused} `bad-request`, with each thing that is wrong as a line, and for programs as `problems`
 */
export async function readFaults(text: string, all: readonly string[]): Promise<ReadFault[]> {
  // Loaded by those few servers alone that somebody breaks on purpose.
  const { FaultSyntaxError, faultInWords, linksOf, nodesOf, parseFaults } = await import("@synod/simulator");
  let planned: PlannedFault[];
  try {
    planned = parseFaults(text, all);
  } catch (error) {
    if (error instanceof FaultSyntaxError) throw refused(error.problems);
    throw error;
  }
  const problems = planned.flatMap((fault) => problemOf(fault) ?? []);
  if (problems.length > 0) throw refused(problems);
  if (planned.length === 0)
    throw refused([{ line: 1, message: `there is no fault in this text; write cut ${all[0]}>*, say` }]);
  return planned.filter(isTaken).map(({ line: _, ...planned }) => {
    const fault: ServerFault = { ...planned, atUs: null };
    return {
      fault,
      text: faultInWords(fault),
      links: "links" in fault ? linksOf(fault.links, all) : [],
      nodes: "nodes" in fault ? nodesOf(fault.nodes, all) : [],
    };
  });
}

function isTaken(fault: PlannedFault): fault is ServerFault & { readonly line: number } {
  return NOT_TAKEN[fault.kind] === undefined;
}

function problemOf({ kind, atUs, line }: PlannedFault): FaultProblem | null {
  const otherwise = NOT_TAKEN[kind];
  if (otherwise !== undefined) return { line, message: `line ${line}: "${kind}": ${otherwise}` };
  if ((atUs ?? 0) === 0) return null;
  return {
    line,
    message: `line ${line}: "at": in a running server a fault begins now; leave it out, and send it later`,
  };
}

function refused(problems: readonly FaultProblem[]): RequestRefused {
  const detail = problems.map(({ message }) => message).join("\n");
  return new RequestRefused("bad-request", detail, { members: { problems } });
}
