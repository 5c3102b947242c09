import { invariant, type NodeId } from "@synod/consensus";
import type { Fault, Links, Nodes } from "./fault.js";
import { isNodeName } from "./node-name.js";
import { percentageInWords, rangeInWords, SHARE, SKEW, timeInWords } from "./quantities.js";

/**
 * The fault as a line of the language, always in the same form: `parseFaults` makes the same fault of it again.
 *
 * @throws {InvariantViolation} if the language cannot say it: times that are no whole microseconds, unspeakable names
 */
export function faultInWords(fault: Fault): string {
  return `${effectOf(fault)}${timeOf(fault)}`;
}

function effectOf(fault: Fault): string {
  switch (fault.kind) {
    case "cut":
      return `cut ${linksInWords(fault.links)}`;
    case "drop":
    case "duplicate":
    case "reorder":
      return `${fault.kind} ${percentageInWords(fault.partsPerMillion, SHARE)}${someLinks(fault.links)}`;
    case "delay":
      return `delay${someLinks(fault.links)} by ${rangeInWords(fault.by)}`;
    case "crash":
      return `crash ${nodesInWords(fault.nodes)}${{ lost: " losing tail", kept: " keeping tail", random: "" }[fault.tail]}`;
    case "slow-disk":
      return `slow-disk ${nodesInWords(fault.nodes)} by ${rangeInWords(fault.by)}`;
    case "skew":
      return `skew ${nodesInWords(fault.nodes)} by ${percentageInWords(fault.partsPerMillion, SKEW)}`;
    case "pause":
    case "restart":
    case "resume":
      return `${fault.kind} ${nodesInWords(fault.nodes)}`;
    case "heal":
      return "heal";
  }
}

function timeOf(fault: Fault): string {
  const at = fault.atUs === null ? "" : ` at ${timeInWords(fault.atUs)}`;
  return "forUs" in fault && fault.forUs !== null ? `${at} for ${timeInWords(fault.forUs)}` : at;
}

/** Nothing where every link is meant. */
function someLinks(links: Links): string {
  const isEvery = links.from === "*" && links.to === "*" && !links.bothWays;
  return isEvery ? "" : ` ${linksInWords(links)}`;
}

function linksInWords({ from, to, bothWays }: Links): string {
  return `${nodesInWords(from)}${bothWays ? "<>" : ">"}${nodesInWords(to)}`;
}

function nodesInWords(nodes: Nodes): string {
  return nodes === "*" ? "*" : nodes.map(speakable).join(",");
}

function speakable(name: NodeId): NodeId {
  invariant(isNodeName(name), `${JSON.stringify(name)} is a name of which the language of faults can speak`);
  return name;
}
