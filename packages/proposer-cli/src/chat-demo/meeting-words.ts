import type { Facts, MachineId, Refusal, Remark } from "./meeting.js";

/** What people are told of a meeting: what is the matter, and what to do. */

/** The machine that is not this one. */
export function otherMachine(machine: MachineId): MachineId {
  return machine === 1 ? 2 : 1;
}

/** Why this program ends before it has changed anything. */
export function refusalText({ machine, here, there, engine, portOffset }: Facts, refusal: Refusal): string {
  const other = `machine ${otherMachine(machine)}`;
  switch (refusal.kind) {
    case "same-machine":
      return `the program at ${there} is machine ${machine}, too: start one of them with --machine-id ${otherMachine(machine)}`;
    case "other-address":
      return `${other} was asked at ${there}, but is at ${refusal.here}: start this one with --peer-ip ${refusal.here}`;
    case "other-peer":
      return (
        `${other} at ${there} waits for machine ${machine} at ${refusal.there}, and this one is at ${here}: start that ` +
        `one with --peer-ip ${here}, if this is the machine it is to meet`
      );
    case "other-engine":
      return `${other} runs on ${refusal.engine}, this one on ${engine}: give both the same --engine`;
    case "other-ports":
      return `${other} has --port-offset ${refusal.portOffset}, this one ${portOffset}: give both the same`;
    case "older-cluster":
      return olderCluster(other, refusal);
    case "nothing-kept":
      return (
        `${other} ${refusal.runs ? "runs" : "goes on with"} a cluster of which nothing is kept here, so that there is ` +
        `nothing to skip the clearing of: nodes that forgot what they voted for must not come back to it. ${RESTART_BOTH}`
      );
    case "other-cluster":
      return (
        `${other} ${refusal.runs ? "runs" : "goes on with"} another cluster than the one whose data is kept here. ` +
        RESTART_BOTH
      );
  }
}

const RESTART_BOTH = "End both demos and start both without --skip-clear: that begins anew, with nothing in it.";

function olderCluster(other: string, { runs, canKeep }: Extract<Refusal, { kind: "older-cluster" }>): string {
  const why =
    `${other} ${runs ? "runs" : "would go on with"} a cluster from before, and this start would clear what this machine ` +
    "knows of it: nodes that forgot what they voted for, and one that did not, would be a majority that forgot. Nothing was " +
    "cleared. ";
  if (!canKeep) return `${why}${RESTART_BOTH}`;
  return `${why}Start this one with --skip-clear, so that it joins; or end both, and start both without --skip-clear.`;
}

/** What is worth knowing while it is waited for the other machine. */
export function remarkText({ machine, there }: Facts, remark: Remark): string {
  const other = `machine ${otherMachine(machine)}`;
  if (remark.kind === "other-begins-anew") {
    return (
      `${other} was to clear its data and begin anew, while this one keeps its own (--skip-clear): it is refused there. ` +
      "Start it with --skip-clear as well, or restart both without."
    );
  }
  return (
    `machine ${remark.machine} called from ${remark.here}, but this one waits for ${other} at ${there}: if that is it, end ` +
    `this one and start it with --peer-ip ${remark.here}`
  );
}
