import type { GatewayStatusReply, NodesReply, Role } from "@synod/api";
import { type Fault, faultsAbout, faultsOf } from "./faults.js";
import { type Health, healthOf } from "./health.js";
import { type Fact, type Report, roleInWords } from "./role-words.js";

/** One role of a node, as it is shown. */
export interface RoleView {
  readonly name: string;
  readonly role: Role;
  readonly address: string;
  /** Whether it answers the gateway; null if nobody asked, as of another gateway. */
  readonly up: boolean | null;
  readonly leads: boolean;
  /** What it says of itself, the most important first. */
  readonly facts: readonly Fact[];
  /** Of a server that applies the log: how far it is in the log, and how far it could be. */
  readonly progress: { readonly applied: number; readonly decided: number } | null;
}

/** One node, as it is shown. */
export interface NodeView {
  readonly name: string;
  /** Whether it is the one that serves this page. */
  readonly isSelf: boolean;
  readonly health: Health;
  readonly roles: readonly RoleView[];
  /** Those that are about it. */
  readonly faults: readonly Fault[];
}

/** A cluster, as far as its gateway sees it. */
export interface ClusterView {
  readonly cluster: string;
  readonly leader: string | null;
  readonly quorum: boolean;
  /** Who decides by majority: acceptors, or the voters of Raft. */
  readonly deciders: "acceptors" | "voters";
  readonly acceptorsUp: number;
  readonly acceptorCount: number;
  /** The highest slot that anybody says is decided. */
  readonly decided: number;
  readonly nodes: readonly NodeView[];
  readonly faults: readonly Fault[];
  readonly chaos: boolean;
  /** Why nobody can fail and recover nodes from here; null if one can. */
  readonly noOperator: string | null;
}

/**
 * Puts together what a gateway tells.
 *
 * @param status null while the gateway itself says nothing of the others, as when a fault pauses it
 */
export function clusterView(status: GatewayStatusReply | null, nodes: NodesReply): ClusterView {
  const reports = reportsIn(status);
  const faults = faultsOf(nodes.nodes);
  const leader = status?.leader ?? null;
  const decided = Math.max(0, ...reports.map(decidedIn));
  const raftServers = status?.raft_servers ?? [];
  const isRaft = nodes.nodes.some(({ roles }) => roles.some(({ role }) => role === "raft"));
  const isDecider = ({ role, name }: { readonly role: Role; readonly name: string }) =>
    isRaft ? role === "raft" && raftServers.find((one) => one.name === name)?.is_voter !== false : role === "acceptor";
  const deciders = nodes.nodes.flatMap(({ roles }) => roles.filter(isDecider));
  return {
    cluster: nodes.cluster,
    leader,
    quorum: status?.quorum ?? false,
    deciders: isRaft ? "voters" : "acceptors",
    acceptorsUp: reports.filter((one) => one.up && isDecider(one)).length,
    acceptorCount: deciders.length,
    decided,
    nodes: nodes.nodes.map((node) => nodeView(node, { self: nodes.self, faults, reports, leader, decided })),
    faults,
    chaos: nodes.chaos,
    noOperator: nodes.operator.reason,
  };
}

/** What the whole cluster says, for one node of it. */
interface Surroundings {
  readonly self: string;
  readonly faults: readonly Fault[];
  readonly reports: readonly Report[];
  readonly leader: string | null;
  readonly decided: number;
}

function nodeView(
  { name, roles, answers }: NodesReply["nodes"][number],
  { self, faults: all, reports, leader, decided }: Surroundings,
): NodeView {
  const faults = faultsAbout(name, all);
  const views = roles.map((role): RoleView => {
    const report = reports.find((one) => one.name === role.name) ?? null;
    const applied = report?.up ? (report.last_applied ?? report.applied_index ?? null) : null;
    return {
      ...role,
      up: answers ? (report?.up ?? null) : false,
      leads: role.name === leader,
      facts: answers && report?.up ? roleInWords(report) : [],
      progress: applied === null ? null : { applied, decided: Math.max(decided, applied) },
    };
  });
  const health = healthOf({ node: name, answers, faults, isHeard: views.every(({ up }) => up !== false) });
  return { name, isSelf: name === self, health, roles: views, faults };
}

function reportsIn(status: GatewayStatusReply | null): Report[] {
  if (status === null) return [];
  const { acceptors, proposers, learners, raft_servers = [] } = status;
  return [
    ...acceptors.map((one) => ({ ...one, role: "acceptor" }) as Report),
    ...proposers.map((one) => ({ ...one, role: "proposer" }) as Report),
    ...learners.map((one) => ({ ...one, role: "learner" }) as Report),
    ...raft_servers.map((one) => ({ ...one, role: "raft" }) as Report),
  ];
}

function decidedIn({ decided, decided_through, highest_seen, last_applied, commit_index }: Report): number {
  return Math.max(decided ?? 0, decided_through ?? 0, highest_seen ?? 0, last_applied ?? 0, commit_index ?? 0);
}
