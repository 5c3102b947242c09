import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type EngineName, type ErrorCode, problem, type RoleServer, type Topology } from "@synod/api";
import { ClusterFolder, preset } from "@synod/replica-server/topology";
import { onTestFinished } from "vitest";

/** What a server of a fake cluster was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: IncomingMessage["headers"];
}

/** What it answers: a status and a body; a function writes the answer itself; null breaks the connection. */
export type FakeAnswer =
  | { readonly status?: number; readonly body: unknown }
  | ((response: ServerResponse) => void)
  | null;

export type Answering = (asked: Asked) => FakeAnswer | Promise<FakeAnswer>;

/** A server of HTTP that answers as a test says, and remembers what it was asked. */
export interface FakeServer {
  readonly address: string;
  readonly port: number;
  readonly asked: Asked[];
  answering: Answering;
  close(): Promise<void>;
}

export async function fakeServer(answering: Answering, port = 0): Promise<FakeServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = {
      method: request.method ?? "",
      path: request.url ?? "",
      body: await bodyOf(request),
      headers: request.headers,
    };
    asked.push(one);
    const answer = await fake.answering(one);
    if (answer === null) response.destroy();
    else if (typeof answer === "function") answer(response);
    else
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = () => closed(server);
  onTestFinished(close);
  const own = (server.address() as AddressInfo).port;
  const fake: FakeServer = { address: `127.0.0.1:${own}`, port: own, asked, answering, close };
  return fake;
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return pieces.length === 0 ? undefined : JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

/** An error as servers give it, with members beside the usual ones. */
export function refusal(code: ErrorCode, detail: string, more: object = {}): FakeAnswer {
  const body = { ...problem(code, detail), ...more };
  return { status: body.status, body };
}

/** A cluster of which only the record on disk and servers that play its roles exist. */
export interface FakeCluster {
  readonly home: string;
  readonly folder: ClusterFolder;
  readonly clusterId: string;
  readonly topology: Topology;
  /** By the name of the role's server. */
  readonly servers: ReadonlyMap<string, FakeServer>;
  server(name: string): FakeServer;
}

/** @param answerOf what the server of this role answers; it can be changed later */
export async function fakeCluster(
  answerOf: (server: RoleServer, asked: Asked) => FakeAnswer | Promise<FakeAnswer>,
  which: "kv" | "kv-compact" | "ledger" | "chat" = "kv",
  engine: EngineName = "paxos",
): Promise<FakeCluster> {
  const home = mkdtempSync(path.join(tmpdir(), "synod-fake-cluster-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const servers = new Map<string, FakeServer>();
  const usual = preset(which, { engine });
  const nodes: Topology["nodes"][number][] = [];
  for (const { name, roles } of usual.nodes) {
    const moved: RoleServer[] = [];
    for (const role of roles) {
      const fake = await fakeServer((asked) => answerOf(role, asked));
      servers.set(role.name, fake);
      moved.push({ ...role, address: { host: "127.0.0.1", port: fake.port } });
    }
    nodes.push({ name, roles: moved });
  }
  const folder = new ClusterFolder(usual.name, home);
  const { clusterId, topology } = folder.readOrCreate({ ...usual, nodes });
  const server = (name: string) => {
    const found = servers.get(name);
    if (!found) throw new Error(`the cluster has no ${name}`);
    return found;
  };
  return { home, folder, clusterId, topology, servers, server };
}

/** What each role says of itself in a cluster in which all is well, and proposer1 leads. */
export function healthyStatus({ role, name, number }: RoleServer): FakeAnswer {
  const bodies = {
    acceptor: { name, role, id: number, promisedId: 17, truncatedThrough: 0, entries: 9, lastSlot: 9, decided: 9 },
    proposer: {
      ...{ name, id: number, state: number === 1 ? "LEADER" : "FOLLOWER", is_leader: number === 1 },
      ...{ leader_id: "proposer1", proposal_id: 16 + number, decided_through: 9 },
    },
    learner: { name, last_applied: 10 - number, highest_seen: 9, lag: 0 },
    raft: {
      ...{ name, id: number, state: number === 1 ? "LEADER" : "FOLLOWER", is_leader: number === 1, leader_id: "raft1" },
      ...{ term: 3, last_term: 3, last_index: 9, commit_index: 9, applied_index: 10 - number },
      voters: ["raft1", "raft2", "raft3", "raft4", "raft5"],
    },
    gateway: { cluster: "kv", leader: "proposer1", quorum: true },
  };
  return { body: bodies[role] };
}
