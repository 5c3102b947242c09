import type { ClusterSeen, ServerSeen } from "./observation.js";

/** What there is to say of a cluster, and what to do about it: whole sentences, the most important first. */
export function advice(seen: ClusterSeen): string[] {
  if (seen.engine === "raft") return raftAdvice(seen);
  return [
    seen.leader === null ? "No proposer leads." : `${seen.leader} leads.`,
    quorumSentence(seen),
    ...(seen.learnersUp === 0 ? ["No learner is up: nothing can be read, and no write is answered."] : []),
    ...bringBack(seen),
  ];
}

/** Why there is a leader, or none: who votes, and how many of them are up. */
function raftAdvice(seen: ClusterSeen): string[] {
  const { leader, term = 0, acceptorsUp: up, acceptorCount: count, majorityRequired: needed, servers } = seen;
  const voters = `${up} of ${count} voters ${up === 1 ? "is" : "are"} up, ${needed} are needed`;
  const isMajority = up >= needed;
  const stands = servers.filter(({ state }) => state === "CANDIDATE").map(({ name }) => name);
  const candidates = stands.length > 0 ? ` Standing for election: ${stands.join(", ")}.` : "";
  return [
    leader === null ? `Nobody leads (term ${term}).${candidates}` : `${leader} leads in term ${term}.`,
    isMajority ? `There is a quorum: ${voters}.` : `There is no quorum: ${voters}; nobody can be elected.`,
    ...bringBack(seen),
    ...strangers(seen),
    ...(leader === null && isMajority
      ? ["A voter that is up will lead within a second, if a majority hears it: see synod cluster faults, if not."]
      : []),
  ];
}

/** Servers that nobody tells of what is written, though they go on answering: they were removed, or never added. */
function strangers({ servers, voters }: ClusterSeen): string[] {
  const isStranger = ({ role, up, name, report }: ServerSeen) =>
    role === "raft" && up && (report?.["is_member"] === false || voters?.includes(name) === false);
  return servers.filter(isStranger).map(({ name, node }) => {
    const ways = `synod raft member add ${name} makes it one, synod cluster stop ${node} ends it`;
    return `${name} is no member that votes: what it answers to eventual reads grows old. ${ways}.`;
  });
}

function quorumSentence({
  acceptorsUp,
  acceptorCount,
  majorityRequired,
  reachesMajority,
  leader,
}: ClusterSeen): string {
  const isMajority = acceptorsUp >= majorityRequired;
  const up = `${acceptorsUp} of ${acceptorCount} acceptors ${acceptorsUp === 1 ? "is" : "are"} up, ${majorityRequired} are needed`;
  if (isMajority && !reachesMajority) {
    return `There is no quorum: ${up}, but no majority of them answers ${leader}. See synod cluster faults and synod cluster heal.`;
  }
  return isMajority ? `There is a quorum: ${up}.` : `There is no quorum: ${up}; nothing can be decided.`;
}

/** Which nodes to start, those first without which nothing goes on. */
function bringBack({ servers, acceptorsUp, majorityRequired, leader, learnersUp, voters }: ClusterSeen): string[] {
  const down = servers.filter(({ up, pid }) => !up && pid === null);
  const silent = servers.filter(({ up, pid }) => !up && pid !== null);
  const isNeeded = ({ role, name }: ServerSeen) =>
    (voters?.includes(name) && acceptorsUp < majorityRequired) ||
    (role === "acceptor" && acceptorsUp < majorityRequired) ||
    (role === "proposer" && leader === null) ||
    (role === "learner" && learnersUp === 0);
  const nodes = [...new Set([...down.filter(isNeeded), ...down].map(({ node }) => node))];
  const sentences =
    nodes.length > 0 ? [`Down: ${nodes.join(", ")}. To bring back: synod cluster recover ${nodes.join(" ")}`] : [];
  for (const { name, node, status } of silent) {
    sentences.push(`${name} is ${status}: see synod cluster logs ${node}, and synod cluster faults.`);
  }
  const isWaiting =
    leader === null && acceptorsUp >= majorityRequired && servers.some(({ role, up }) => role === "proposer" && up);
  const obstacles = servers.flatMap(({ name, report }) =>
    report?.["obstacle"] ? [`${name}: ${report["obstacle"]}`] : [],
  );
  if (leader === null && obstacles.length > 0) {
    sentences.push(
      `No proposer can lead: ${obstacles.join(", ")}. Only a new cluster helps: synod cluster stop, then reset.`,
    );
  } else if (isWaiting) sentences.push("A proposer that is up will lead soon, if the acceptors hear it.");
  return sentences;
}
