import { readPidFile } from "@synod/acceptor-server/pid-file";
import { type EngineName, formatAddress, ROLES, type RoleServer, raftView, type Topology } from "@synod/api";
import { NoAnswer } from "@synod/client";
import { majorityOf } from "@synod/consensus";
import { exchange, problemIn } from "../http-exchange.js";
import { runningNode } from "./node-process.js";
import type { ClusterSettings } from "./settings.js";

/** What one server of a cluster says of itself, and what is known of its process. */
export interface ServerSeen {
  readonly name: string;
  readonly role: RoleServer["role"];
  readonly node: string;
  readonly address: string;
  readonly pid: number | null;
  readonly up: boolean;
  /** `up`, `down`, or what else is the matter. */
  readonly status: string;
  /** Of a proposer or a Raft server: LEADER, FOLLOWER or CANDIDATE. */
  readonly state: string | null;
  /** Of an acceptor, what it promised; of a proposer, its own id; of a Raft server, its term. */
  readonly promised: number | null;
  /** What it knows to be decided, up to here. */
  readonly decided: number | null;
  /** Of a learner or a Raft server: everything up to here is applied. */
  readonly applied: number | null;
  /** Of these: how many slots that are decided it has not applied. */
  readonly lag: number | null;
  /** All that its server says of itself. */
  readonly report: Readonly<Record<string, unknown>> | null;
}

/** A cluster, as its servers tell of it. */
export interface ClusterSeen {
  readonly servers: readonly ServerSeen[];
  readonly engine: EngineName;
  /** Who leads; of several that say so, the one with the highest proposal id or term. */
  readonly leader: string | null;
  /** Of those that decide by majority, acceptors or the voters of Raft: how many are up, ... */
  readonly acceptorsUp: number;
  /** ... and how many there are. */
  readonly acceptorCount: number;
  readonly majorityRequired: number;
  /** Servers that apply the log and are up. */
  readonly learnersUp: number;
  /** False if the leader says that no majority answers it. */
  readonly reachesMajority: boolean;
  /** Whether anything can be written and read: a majority, a leader, and a server that applies the log. */
  readonly quorum: boolean;
  /** Of Raft: the latest term that anybody knows. */
  readonly term?: number;
  /** Of Raft: who votes, as far as the servers tell. */
  readonly voters?: readonly string[];
}

/** Asks every server of the cluster at the same time. @param timeoutMs for each of them */
export async function observe(
  settings: ClusterSettings,
  timeoutMs: number,
  interrupted: AbortSignal,
): Promise<ClusterSeen> {
  const all = settings.topology.nodes.flatMap(({ roles }) => roles);
  const inOrder = ROLES.flatMap((role) => all.filter((server) => server.role === role));
  const seen = await Promise.all(inOrder.map((server) => look(settings, server, timeoutMs, interrupted)));
  interrupted.throwIfAborted();
  return together(seen, settings.topology);
}

function together(seen: readonly ServerSeen[], topology: Topology): ClusterSeen {
  const known = seen.flatMap(({ decided, applied }) => [decided ?? 0, applied ?? 0]);
  const decidedThrough = Math.max(0, ...known);
  const servers = seen.map((server) => ({
    ...server,
    lag: server.applied === null ? null : Math.max(server.lag ?? 0, decidedThrough - server.applied),
  }));
  return topology.engine === "raft" ? raftTogether(servers, topology) : paxosTogether(servers);
}

function raftTogether(servers: readonly ServerSeen[], topology: Topology): ClusterSeen {
  const rafts = servers.filter(({ role }) => role === "raft");
  const { leader, term, voters, votersUp, majority } = raftView(rafts, topology);
  const learnersUp = rafts.filter(({ up }) => up).length;
  const counts = { acceptorsUp: votersUp.length, acceptorCount: voters.length, majorityRequired: majority, learnersUp };
  // A leader that hears no majority steps down by itself.
  const quorum = leader !== null && votersUp.length >= majority;
  return { engine: "raft", servers, leader, ...counts, reachesMajority: true, quorum, term, voters };
}

function paxosTogether(servers: readonly ServerSeen[]): ClusterSeen {
  const ofRole = (role: RoleServer["role"]) => servers.filter((server) => server.role === role);
  const upOf = (role: RoleServer["role"]) => ofRole(role).filter(({ up }) => up).length;
  const leaders = ofRole("proposer").filter(({ report }) => report?.["is_leader"] === true);
  const [leader] = leaders.sort((one, other) => (other.promised ?? -1) - (one.promised ?? -1));
  const acceptorCount = ofRole("acceptor").length;
  const majorityRequired = majorityOf(acceptorCount);
  const [acceptorsUp, learnersUp] = [upOf("acceptor"), upOf("learner")];
  // A leader says itself whether acceptors that are up answer it: a link may be cut.
  const reachesMajority = leader?.report?.["quorum"] !== false;
  const quorum = acceptorsUp >= majorityRequired && leader !== undefined && reachesMajority && learnersUp > 0;
  const counts = { acceptorsUp, acceptorCount, majorityRequired, learnersUp };
  return { engine: "paxos", servers, leader: leader?.name ?? null, ...counts, reachesMajority, quorum };
}

async function look(
  settings: ClusterSettings,
  server: RoleServer,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ServerSeen> {
  const { name, role, node, address } = server;
  const pidFile = settings.folder.node(node).pidFile;
  const process = runningNode(settings, { name: node, roles: [] });
  const answer = await statusAnswer(settings, server, timeoutMs, signal);
  const report = typeof answer === "string" ? null : answer;
  const number = (field: string) => (Number.isSafeInteger(report?.[field]) ? (report?.[field] as number) : null);
  const state = report?.["state"];
  return {
    ...{ name, role, node, address: formatAddress(address), pid: process?.pid ?? null, up: report !== null },
    status: statusOf(answer, process !== null, readPidFile(pidFile) !== null),
    state: typeof state === "string" ? state : null,
    promised: number(PROMISED[role] ?? "promisedId"),
    decided: number("decided_through") ?? number("decided") ?? number("highest_seen") ?? number("commit_index"),
    applied: number("last_applied") ?? number("applied_index"),
    lag: number("lag"),
    report,
  };
}

/** What of a status says under which id a server acts. */
const PROMISED: Partial<Record<RoleServer["role"], string>> = { proposer: "proposal_id", raft: "term" };

/** What the server says of itself; or, in words, why it says nothing: `refused` if nobody listens there. */
async function statusAnswer(
  { clusterId, secret }: ClusterSettings,
  { address }: RoleServer,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | string> {
  try {
    const headers = { "synod-cluster": clusterId };
    const { status, body } = await exchange(address, { path: "/status", headers, timeoutMs, signal, secret });
    const isReport = status === 200 && typeof body === "object" && body !== null;
    return isReport
      ? (body as Record<string, unknown>)
      : (problemIn(body)?.code ?? (status === 200 ? "another program" : `HTTP status ${status}`));
  } catch (error) {
    if (error instanceof NoAnswer) return error.reason;
    throw error;
  }
}

function statusOf(answer: unknown, hasProcess: boolean, hasPidFile: boolean): string {
  if (typeof answer !== "string") return hasProcess ? "up" : "up (not started here)";
  if (hasProcess) return `running, but no answer (${answer})`;
  if (answer !== "refused") return `down (at its address: ${answer})`;
  return hasPidFile ? "down (ended without saying so)" : "down";
}
