import type { ClusterView } from "./cluster-view.js";

/** What is wrong with a cluster and what to do about it: whole sentences, the most urgent first; none if all is well. */
export function noticesOf(view: ClusterView): string[] {
  const { leader, quorum, deciders, acceptorsUp, acceptorCount, nodes } = view;
  const self = nodes.find(({ isSelf }) => isSelf);
  if (self?.health.kind === "paused") {
    return [`${self.name}, which serves this page, is paused: it answers nothing until it is resumed.`];
  }
  const learners = nodes.flatMap(({ roles }) => roles.filter(({ role }) => role === "learner"));
  const needed = Math.floor(acceptorCount / 2) + 1;
  return [
    ...(acceptorsUp < needed
      ? [`${acceptorsUp} of ${acceptorCount} ${deciders} answer, and ${needed} are needed: nothing can be decided.`]
      : []),
    ...(acceptorsUp >= needed && leader !== null && !quorum
      ? [`${leader} leads, but hears no majority of the ${deciders}: nothing can be decided.`]
      : []),
    ...(leader === null ? [withoutLeader(view, acceptorsUp >= needed)] : []),
    ...(learners.length > 0 && learners.every(({ up }) => up === false)
      ? ["No learner answers: nothing can be read, and no write is answered."]
      : []),
    ...whatToDo(view),
  ];
}

function withoutLeader({ nodes, deciders }: ClusterView, hasMajority: boolean): string {
  if (deciders === "voters") {
    return hasMajority
      ? "Nobody leads yet: a voter will within a second, if a majority hears it."
      : "Nobody leads, and nobody can without a majority of the voters.";
  }
  const proposers = nodes.flatMap(({ roles }) => roles.filter(({ role }) => role === "proposer"));
  if (proposers.every(({ up }) => up === false)) return "No proposer answers: nothing can be written.";
  return hasMajority
    ? "Nobody leads yet: a proposer will within seconds, if the acceptors hear it."
    : "Nobody leads, and nobody can without a majority of the acceptors.";
}

function whatToDo({ nodes, noOperator }: ClusterView): string[] {
  const down = nodes.filter(({ health }) => health.kind === "down").map(({ name }) => name);
  const broken = nodes.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
  const start = noOperator === null ? "Recover brings back" : `synod cluster recover ${down.join(" ")} brings back`;
  return [
    ...(down.length > 0 ? [`Down: ${down.join(", ")}. ${start} what is down, with the state it had.`] : []),
    ...(broken.length > 0 ? [`Broken on purpose: ${broken.join(", ")}. Heal all ends that.`] : []),
  ];
}
