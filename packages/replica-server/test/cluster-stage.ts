import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApplicationName, EngineName, GatewayStatusReply, Role, RoleServer, Topology } from "@synod/api";
import type { FastifyBaseLogger } from "fastify";
import { onTestFinished } from "vitest";
import { freePorts, HOST } from "../../acceptor-server/test/free-ports.ts";
import type { NodeOperator, NodeTuning, RunningLearner, RunningNode } from "../src/index.ts";
import { startNode } from "../src/index.ts";

/** Which roles each node has, by the node's name. */
type Shape = Readonly<Record<string, readonly Role[]>>;

/** A process a role, as the preset kv. */
const KV: Shape = {
  acceptor1: ["acceptor"],
  acceptor2: ["acceptor"],
  acceptor3: ["acceptor"],
  proposer1: ["proposer"],
  proposer2: ["proposer"],
  learner1: ["learner"],
  learner2: ["learner"],
  gateway: ["gateway"],
};

/** Three nodes of all roles, as the preset kv-compact. */
export const COMPACT: Shape = Object.fromEntries(
  ["node1", "node2", "node3"].map((name) => [name, ["acceptor", "proposer", "learner", "gateway"] as const]),
);

/** Three nodes of all roles of Raft, as the preset kv-compact on it. */
export const RAFT: Shape = Object.fromEntries(
  ["node1", "node2", "node3"].map((name) => [name, ["raft", "gateway"] as const]),
);

export interface StageOptions {
  readonly shape?: Shape;
  /** What decides the values: Paxos unless given. */
  readonly engine?: EngineName;
  /** Of Raft: how many servers vote at first; all of them unless given. */
  readonly voters?: number;
  /** What runs on it: the key-value store unless given. */
  readonly application?: ApplicationName;
  readonly chaos?: boolean;
  readonly tuning?: NodeTuning;
  readonly operator?: NodeOperator;
  readonly secret?: string;
  /** For some nodes, by name: in place of `tuning`. */
  readonly tuningAt?: Readonly<Record<string, NodeTuning>>;
  readonly logger?: FastifyBaseLogger;
  /** Nodes that are not started at first. */
  readonly without?: readonly string[];
}

/** Many nodes share one process here: a busy machine must not seem to be a dead leader. */
const PATIENT = { electionTimeoutMs: 2000 };
/** When all begin, nobody leads: there is nobody to wait for. */
const AT_ONCE = { ...PATIENT, firstElectionMs: 100 };
/** Of Raft, whose servers hear a leader more often. */
const PATIENT_RAFT = { electionTimeoutMs: 600 };

/** How long a request in a test may take, in milliseconds. */
const TIMEOUT_MS = 30_000;

/** An answer of a server. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests look at
  readonly body: any;
}

/** A cluster in this process, which is stopped when the test ends. */
export class ClusterStage {
  readonly topology: Topology;
  readonly clusterId = randomUUID();
  readonly folder: string;
  readonly #options: StageOptions;
  readonly #running = new Map<string, RunningNode>();

  private constructor(topology: Topology, options: StageOptions) {
    this.topology = topology;
    this.folder = mkdtempSync(join(tmpdir(), "synod-cluster-"));
    this.#options = options;
  }

  /** Starts the cluster, and waits until it has a leader, if it can. */
  static async started(options: StageOptions = {}): Promise<ClusterStage> {
    const stage = new ClusterStage(await freeTopology(options), options);
    onTestFinished(() => stage.end());
    await stage.#begin();
    return stage;
  }

  /** The same, for all tests of a file: whoever starts it ends it. */
  static async forFile(options: StageOptions = {}): Promise<ClusterStage> {
    const stage = new ClusterStage(await freeTopology(options), options);
    await stage.#begin();
    return stage;
  }

  /** Stops everything, and removes what it kept. */
  async end(): Promise<void> {
    await this.stop(...this.#running.keys());
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    const { without = [] } = this.#options;
    await this.start(...this.topology.nodes.map(({ name }) => name).filter((name) => !without.includes(name)));
    if (without.length === 0) await this.leader();
  }

  async start(...names: string[]): Promise<void> {
    const { topology, clusterId } = this;
    const timing = this.#running.size === 0 ? AT_ONCE : PATIENT;
    const { tuning = {}, tuningAt = {}, logger, operator, secret } = this.#options;
    const starting = names.map(async (node) => {
      const folder = join(this.folder, node);
      const own = tuningAt[node] ?? tuning;
      const patient = {
        ...own,
        // Tests look at one server right after they wrote at another: none is told a moment later.
        proposer: { ...own.proposer, timing: { ...(own.proposer?.timing ?? timing), tellMs: 0 } },
        raft: { timing: PATIENT_RAFT, ...own.raft },
      };
      this.#running.set(
        node,
        await startNode({ topology, node, clusterId, folder, tuning: patient, logger, operator, secret }),
      );
    });
    await Promise.all(starting);
  }

  /** Stops these nodes. It is as if they had crashed, but that they let go of ports and folders. */
  async stop(...names: string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const node = this.#running.get(name);
        this.#running.delete(name);
        await node?.close();
      }),
    );
  }

  server(name: string): RoleServer {
    const server = this.topology.nodes.flatMap(({ roles }) => roles).find((one) => one.name === name);
    if (!server) throw new Error(`there is no ${name}`);
    return server;
  }

  /** The learner's log. */
  logOf(learner: string) {
    const roles = [...this.#running.values()].flatMap((node) => node.roles);
    return (roles.find(({ name }) => name === learner) as RunningLearner).log;
  }

  url(name: string, path: string): string {
    const { host, port } = this.server(name).address;
    return `http://${host}:${port}${path}`;
  }

  /** Asks a server. @param request such as `PUT /kv/a` */
  async ask(name: string, request: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const [method = "GET", path = "/"] = request.split(" ");
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await fetch(this.url(name, path), { method, headers: { ...type, ...headers }, ...json });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  write(key: string, value: string, at = "gateway1", timeout_ms = TIMEOUT_MS): Promise<Answer> {
    return this.ask(at, "POST /write", { key, value, timeout_ms });
  }

  /** The value of a key, read at the gateway. */
  async value(key: string, consistency = "strong", at = "gateway1"): Promise<string | null> {
    const { status, body } = await this.read(key, consistency, at);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.value;
  }

  /** Reads a key. */
  read(key: string, consistency: string, at = "gateway1", more: object = {}): Promise<Answer> {
    return this.ask(at, "POST /read", { key, consistency, timeout_ms: TIMEOUT_MS, ...more });
  }

  async status(at = "gateway1"): Promise<GatewayStatusReply> {
    return (await this.ask(at, "GET /status")).body;
  }

  /** Waits for a leader that serves. */
  async leader(at = "gateway1"): Promise<string> {
    let leader: string | null = null;
    await until("there is a leader", async () => {
      leader = (await this.status(at)).leader;
      return leader !== null;
    });
    return leader ?? "";
  }
}

/** Waits for a condition, within a bound. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A topology on ports of this machine that are free. */
export async function freeTopology({
  shape = KV,
  chaos = true,
  application = "key-value",
  engine = "paxos",
  voters,
}: StageOptions = {}): Promise<Topology> {
  const counts = new Map<Role, number>();
  const roles = Object.values(shape).flat().length;
  const ports = await freePorts(roles);
  const nodes = Object.entries(shape).map(([name, ofNode]) => ({
    name,
    roles: ofNode.map((role): RoleServer => {
      const number = (counts.get(role) ?? 0) + 1;
      counts.set(role, number);
      const address = { host: HOST, port: ports.pop() ?? 0 };
      return { role, number, name: `${role}${number}`, node: name, address };
    }),
  }));
  const ofLedger = application === "ledger" ? { difficulty: 0 } : {};
  const ofRaft = engine === "raft" ? { voters: voters ?? counts.get("raft") ?? 0 } : {};
  return { name: "test", application, ...ofLedger, engine, ...ofRaft, chaos, nodes };
}
