import type { Topology } from "./topology.js";

/** A server of Raft, and what its `/status` says; null if it says nothing. */
export interface RaftServerSeen {
  readonly name: string;
  readonly report: Readonly<Record<string, unknown>> | null;
}

/** Who leads a cluster of Raft and who votes in it, as far as its servers tell. */
export interface RaftView {
  /** Of several that say so, the one of the latest term: the others do not know yet that they were deposed. */
  readonly leader: string | null;
  readonly term: number;
  readonly voters: readonly string[];
  /** Voters that answer. */
  readonly votersUp: readonly string[];
  readonly majority: number;
}

/** Puts together what servers of Raft say. The leader knows the members best; then who has the latest log. */
export function raftView(servers: readonly RaftServerSeen[], { nodes, voters: first }: Topology): RaftView {
  const number = ({ report }: RaftServerSeen, field: string) => Number(report?.[field] ?? 0);
  const byTerm = [...servers].sort((one, other) => number(other, "term") - number(one, "term"));
  const leader = byTerm.find(({ report }) => report?.["is_leader"] === true) ?? null;
  const byLog = servers
    .filter((server) => votersIn(server).length > 0)
    .sort((one, other) => {
      return (
        number(other, "last_term") - number(one, "last_term") || number(other, "last_index") - number(one, "last_index")
      );
    });
  const known = leader ?? byLog[0];
  const made = nodes.flatMap(({ roles }) => roles.filter(({ role }) => role === "raft").map(({ name }) => name));
  const voters = known ? votersIn(known) : made.slice(0, first);
  const votersUp = servers
    .filter(({ name, report }) => report !== null && voters.includes(name))
    .map(({ name }) => name);
  const term = Math.max(0, ...servers.map((server) => number(server, "term")));
  return { leader: leader?.name ?? null, term, voters, votersUp, majority: Math.floor(voters.length / 2) + 1 };
}

function votersIn({ report }: RaftServerSeen): string[] {
  const voters = report?.["voters"];
  return Array.isArray(voters) ? voters.filter((one) => typeof one === "string") : [];
}
