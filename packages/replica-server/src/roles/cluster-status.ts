import { formatAddress, type GatewayStatusReply, ROLES, type RoleServer, raftView, type Topology } from "@synod/api";
import type { Transport } from "@synod/client";
import { majorityOf } from "@synod/consensus";
import { adviceFor, raftAdvice } from "./advice.js";
import { headersOf, type RoleContext, serversOf, transportTo } from "./role-context.js";

/** How long a server may take to tell how it is, in milliseconds. */
const WITHIN_MS = 500;

/** What a server says of itself; null if it says nothing. */
type Report = Readonly<Record<string, unknown>> | null;

/** A server, and what it says of itself. */
interface Seen extends RoleServer {
  readonly report: Report;
}

/** Looks at every server of the cluster, from one of them. */
export class ClusterStatus {
  readonly #context: RoleContext;
  readonly #transports: ReadonlyMap<RoleServer, Transport>;

  constructor(context: RoleContext) {
    this.#context = context;
    const servers = ROLES.filter((role) => role !== "gateway").flatMap((role) => serversOf(context.topology, role));
    this.#transports = new Map(servers.map((server) => [server, transportTo(context, server)]));
  }

  async look(): Promise<Omit<GatewayStatusReply, "gateway">> {
    const { topology, clusterId } = this.#context;
    const asked = [...this.#transports].map(async ([server, transport]): Promise<Seen> => {
      return { ...server, report: await this.#reportOf(transport) };
    });
    const seen = await Promise.all(asked);
    const { name: cluster, application, engine } = topology;
    const ofEngine = engine === "raft" ? raftSummary(seen, topology) : paxosSummary(seen);
    return { cluster, cluster_id: clusterId, application, engine, ...ofEngine };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  async #reportOf(transport: Transport): Promise<Report> {
    try {
      const signal = AbortSignal.timeout(WITHIN_MS);
      const headers = headersOf(this.#context);
      const { status, text } = await transport.exchange({
        method: "GET",
        path: "/status",
        headers,
        body: null,
        signal,
      });
      const report: unknown = status === 200 ? JSON.parse(text) : null;
      return typeof report === "object" ? (report as Report) : null;
    } catch {
      // It does not answer, or something else does: down, as far as can be seen from here.
      return null;
    }
  }
}

type Summary = Omit<GatewayStatusReply, "cluster" | "cluster_id" | "application" | "engine" | "gateway">;

function raftSummary(seen: readonly Seen[], topology: Topology): Summary {
  const { leader, voters, votersUp, majority } = raftView(seen, topology);
  const committed = Math.max(0, ...seen.map((one) => number(one, "commit_index") ?? 0));
  return {
    leader,
    quorum: leader !== null && votersUp.length >= majority,
    acceptors: [],
    proposers: [],
    learners: [],
    raft_servers: seen.map((one) => {
      const applied = number(one, "applied_index");
      return {
        ...facts(one),
        id: one.number,
        state: text(one, "state"),
        is_leader: one.report?.["is_leader"] === true,
        leader_id: text(one, "leader_id"),
        term: number(one, "term"),
        commit_index: number(one, "commit_index"),
        applied_index: applied,
        lag: applied === null ? null : Math.max(0, committed - applied),
        is_voter: voters.includes(one.name),
      };
    }),
    advice: raftAdvice(
      seen.map(({ name, role, node, report }) => ({ name, role, node, up: report !== null })),
      { leader, voters, majority },
    ),
  };
}

function paxosSummary(seen: readonly Seen[]): Summary {
  const ofRole = (role: Seen["role"]) => seen.filter((server) => server.role === role);
  const [acceptors, proposers, learners] = [ofRole("acceptor"), ofRole("proposer"), ofRole("learner")];
  const leaders = proposers.filter(({ report }) => report?.["is_leader"] === true);
  // A leader that was deposed may not know it yet.
  const [leader] = leaders.sort(
    (one, other) => (number(other, "proposal_id") ?? -1) - (number(one, "proposal_id") ?? -1),
  );
  const isMajority = acceptors.filter(({ report }) => report).length >= majorityOf(acceptors.length);
  const decided = Math.max(
    0,
    ...proposers.map((one) => number(one, "decided_through") ?? 0),
    ...learners.map((one) => number(one, "highest_seen") ?? 0),
  );
  return {
    leader: leader?.name ?? null,
    quorum: isMajority && leader?.report?.["quorum"] !== false,
    acceptors: acceptors.map((one) => ({
      ...facts(one),
      promisedId: number(one, "promisedId"),
      decided: number(one, "decided"),
    })),
    proposers: proposers.map((one) => ({
      ...facts(one),
      id: one.number,
      state: text(one, "state"),
      is_leader: one.report?.["is_leader"] === true,
      leader_id: text(one, "leader_id"),
    })),
    learners: learners.map((one) => {
      const applied = number(one, "last_applied");
      return { ...facts(one), last_applied: applied, lag: applied === null ? null : Math.max(0, decided - applied) };
    }),
    raft_servers: [],
    advice: adviceFor(
      seen.map(({ name, role, node, report }) => ({ name, role, node, up: report !== null })),
      leader?.name ?? null,
    ),
  };
}

function facts({ name, node, address, report }: Seen) {
  return { ...report, name, node, address: formatAddress(address), up: report !== null };
}

function number({ report }: Seen, field: string): number | null {
  const value = report?.[field];
  return Number.isSafeInteger(value) ? (value as number) : null;
}

function text({ report }: Seen, field: string): string | null {
  const value = report?.[field];
  return typeof value === "string" ? value : null;
}
