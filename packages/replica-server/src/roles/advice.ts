import type { Role } from "@synod/api";
import { majorityOf } from "@synod/consensus";

/** A server, and whether it answers. */
interface ServerUp {
  readonly name: string;
  readonly role: Role;
  readonly node: string;
  readonly up: boolean;
}

/** What is wrong with a cluster, and which nodes to bring back: whole sentences, the most urgent first; none if all is well. */
export function adviceFor(servers: readonly ServerUp[], leader: string | null): string[] {
  const of = (role: Role) => servers.filter((server) => server.role === role);
  const [acceptors, learners, proposers] = [of("acceptor"), of("learner"), of("proposer")];
  const [acceptorsUp, learnersUp] = [acceptors.filter(isUp).length, learners.filter(isUp).length];
  const needed = majorityOf(acceptors.length);
  const advice: string[] = [];
  if (acceptorsUp < needed) {
    advice.push(
      `${acceptorsUp} of ${acceptors.length} acceptors answer, and ${needed} are needed: nothing can be decided. ` +
        `Bring back ${needed - acceptorsUp} of ${nodesOf(acceptors)}.`,
    );
  }
  if (learnersUp === 0) {
    advice.push(`No learner answers: nothing can be read, and no write is answered. Bring back ${nodesOf(learners)}.`);
  }
  if (leader === null) advice.push(withoutLeader(proposers, acceptorsUp >= needed));
  return [...advice, ...toStart(servers)];
}

/** The same of a cluster on Raft. */
export function raftAdvice(
  servers: readonly ServerUp[],
  { leader, voters, majority }: { leader: string | null; voters: readonly string[]; majority: number },
): string[] {
  const members = servers.filter(({ name }) => voters.includes(name));
  const up = members.filter(isUp).length;
  const advice: string[] = [];
  if (up < majority) {
    advice.push(
      `${up} of ${voters.length} voters answer, and ${majority} are needed: nobody can lead, and nothing can be decided. ` +
        `Bring back ${majority - up} of ${nodesOf(members)}.`,
    );
  } else if (leader === null) advice.push("Nobody leads yet: a voter will within a second, if a majority hears it.");
  return [...advice, ...toStart(servers)];
}

function toStart(servers: readonly ServerUp[]): string[] {
  const nodes = nodesOf(servers);
  if (servers.every(isUp)) return [];
  return [`These do not answer: ${nodes}. To start them: synod cluster recover ${nodes.replaceAll(",", "")}`];
}

function withoutLeader(proposers: readonly ServerUp[], hasQuorum: boolean): string {
  if (!proposers.some(isUp)) return `No proposer answers: nothing can be written. Bring back ${nodesOf(proposers)}.`;
  return hasQuorum
    ? "No proposer leads yet: one will within seconds, if the acceptors hear it."
    : "No proposer leads: none can without a majority of the acceptors.";
}

function isUp({ up }: ServerUp): boolean {
  return up;
}

/** The nodes of those that do not answer. */
function nodesOf(servers: readonly ServerUp[]): string {
  return [...new Set(servers.filter((server) => !isUp(server)).map(({ node }) => node))].join(", ");
}
