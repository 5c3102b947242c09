import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readPidFile } from "@synod/acceptor-server/pid-file";
import type { RoleServer, Topology } from "@synod/api";
import { ClusterFolder, preset, printTopology } from "@synod/replica-server/topology";
import { readTopology } from "@synod/replica-server/topology/read-yaml";
import { expect, onTestFinished } from "vitest";
import { BIN, ended, freePorts, HOST, isAlive, type ProcessRan, type Stage } from "./process-stage.ts";

/** A place of its own for the real processes of a cluster, and an end for all that was started. */
export interface ClusterStage {
  readonly folder: ClusterFolder;
  readonly home: string;
  /** The cluster's topology, with addresses that nobody else uses. */
  readonly topology: Topology;
  /** The same as a file. */
  readonly topologyFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs `synod` to its end. */
  synod(...words: string[]): Promise<ProcessRan>;
  /** Starts `synod` and leaves it running. */
  start(...words: string[]): ChildProcess;
  /** The process of this node, by its pid file. */
  pidOf(node: string): number;
}

/** How long a command may take at most that waits for several processes, on a machine that has other things to do. */
export const PATIENCE_MS = 90_000;

/** Four processes: two acceptors that can fail, a gateway, and one that is everything else. */
const SMALL = `name: small
nodes:
  acceptor1: { acceptor: 127.0.0.1:1 }
  acceptor2: { acceptor: 127.0.0.1:2 }
  rest: { acceptor: 127.0.0.1:3, proposer: 127.0.0.1:4, learner: 127.0.0.1:5 }
  gateway: { gateway: 127.0.0.1:6 }
`;

/**
 * Sets a stage for a small cluster, or one like a preset; whatever runs from it is killed when the test ends.
 *
 * @param servers of a ledger, or of a chat
 */
export async function setClusterStage(
  which: "small" | "kv-compact" | "ledger" | "chat" = "kv-compact",
  servers = which === "chat" ? 5 : 3,
): Promise<ClusterStage> {
  expect(existsSync(`${BIN}../bundle/commands.js`), "the commands are not built: npm run build").toBe(true);
  const home = mkdtempSync(path.join(tmpdir(), "synod-cluster-stage-"));
  const usual = which === "small" ? readTopology(SMALL, which) : preset(which, { servers });
  const ports = await freePorts(usual.nodes.flatMap(({ roles }) => roles).length);
  const nodes = usual.nodes.map((node) => ({
    ...node,
    roles: node.roles.map((role) => ({ ...role, address: { host: HOST, port: ports.shift() ?? 0 } })),
  }));
  const topology = { ...usual, nodes };
  const topologyFile = path.join(home, "topology.yaml");
  writeFileSync(topologyFile, printTopology(topology));
  const folder = new ClusterFolder(topology.name, home);
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, SYNOD_HOME: home, SYNOD_TOPOLOGY: topologyFile };
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill("SIGKILL");
    for (const { name } of topology.nodes) killNode(folder, name);
    rmSync(home, { recursive: true, force: true });
  });
  const start = (...words: string[]) => {
    const child = spawn(process.execPath, [`${BIN}synod.js`, ...words], { env, cwd: home });
    children.push(child);
    return child;
  };
  const pidOf = (node: string) => {
    const pid = readPidFile(folder.node(node).pidFile)?.pid;
    if (pid === undefined) throw new Error(`${node} has no pid file`);
    return pid;
  };
  return {
    folder,
    home,
    topology,
    topologyFile,
    env,
    start,
    synod: (...words) => ended(start(...words), PATIENCE_MS),
    pidOf,
  };
}

/**
 * A stage on which `cluster start` starts the usual cluster, where nobody else listens; its acceptors are those of the pool.
 *
 * @param alone the servers that have a process of their own: all, as usual, unless some are named. The others share as few
 *   as can be, which start sooner
 */
export async function withCluster(
  stage: Stage,
  alone: readonly string[] | null = null,
): Promise<Stage & { readonly portOf: ReadonlyMap<number, number> }> {
  const usual = preset("kv");
  const roles = usual.nodes.flatMap((node) => node.roles);
  const others = (await freePorts(roles.length)).filter((port) => !stage.ports.includes(port));
  const ports = [...stage.ports, ...others].slice(0, roles.length);
  const portOf = new Map(roles.map(({ address }, place) => [address.port, ports[place] ?? 0]));
  const nodes: { name: string; roles: RoleServer[] }[] = [];
  for (const [place, role] of roles.entries()) {
    const isAlone = alone === null || alone.includes(role.name);
    const isRoomFor = (node: (typeof nodes)[number]) =>
      node.name.startsWith("shared") && !node.roles.some((one) => one.role === role.role);
    const shared = isAlone ? undefined : nodes.find(isRoomFor);
    const node = shared ?? { name: isAlone ? role.node : `shared${nodes.length}`, roles: [] };
    if (!shared) nodes.push(node);
    node.roles.push({ ...role, node: node.name, address: { host: HOST, port: ports[place] ?? 0 } });
  }
  const file = path.join(stage.home, "usual.yaml");
  writeFileSync(file, printTopology({ ...usual, nodes }));
  const folder = new ClusterFolder(usual.name, stage.home);
  onTestFinished(() => {
    for (const { name } of nodes) killNode(folder, name);
  });
  const env = { ...stage.env, SYNOD_TOPOLOGY: file };
  const run = (command: string, ...words: string[]) =>
    ended(spawn(process.execPath, [`${BIN}${command}.js`, ...words], { env, cwd: stage.home }), PATIENCE_MS);
  return { ...stage, env, run, synod: (...words) => run("synod", ...words), portOf };
}

/** A preset where nobody else listens: the file of its topology, and its ports by the usual ones. */
export interface PresetElsewhere {
  readonly preset: { readonly name: string; readonly file: string };
  readonly portOf: ReadonlyMap<number, number>;
}

/** The same stage with the topology of a preset as well. */
export async function withPreset<S extends Stage>(stage: S, name: "ledger" | "chat"): Promise<S & PresetElsewhere> {
  const usual = preset(name);
  const free = await freePorts(usual.nodes.flatMap(({ roles }) => roles).length);
  const portOf = new Map<number, number>();
  const nodes = usual.nodes.map(({ name: node, roles }) => ({
    name: node,
    roles: roles.map((role) => {
      const port = free.shift() ?? 0;
      portOf.set(role.address.port, port);
      return { ...role, address: { host: HOST, port } };
    }),
  }));
  const file = path.join(stage.home, `${name}.yaml`);
  writeFileSync(file, printTopology({ ...usual, nodes }));
  const folder = new ClusterFolder(usual.name, stage.home);
  onTestFinished(() => {
    for (const { name: node } of nodes) killNode(folder, node);
  });
  return { ...stage, preset: { name, file }, portOf };
}

function killNode(folder: ClusterFolder, node: string): void {
  const server = readPidFile(folder.node(node).pidFile);
  if (!server || !isAlive(server.pid)) return;
  // Only what runs from this very stage: a number alone may belong to anybody by now.
  if (readFileSync(`/proc/${server.pid}/cmdline`, "utf8").includes(folder.home)) process.kill(server.pid, "SIGKILL");
}
