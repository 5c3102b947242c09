import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { isMissing, makeOnce, syncFolder } from "@synod/acceptor-server/durable-file";
import type { Topology } from "@synod/api";
import { checkTopology } from "./check-topology.js";
import { isClusterId } from "./cluster-id.js";
import { isClusterName } from "./names.js";
import { type WrittenTopology, written } from "./written-topology.js";

/** What every node of a cluster agrees on; `cluster.json` in the cluster's folder, written once. */
export interface ClusterRecord {
  /** Made when the cluster is first started, and anew when it is reset. */
  readonly clusterId: string;
  readonly topology: Topology;
}

/** The cluster's folder or a file in it cannot be used. The message names it and says what a person can do. */
export class ClusterFolderError extends Error {
  override readonly name = "ClusterFolderError";
}

/** Where a node keeps what it needs. */
export interface NodeFiles {
  readonly folder: string;
  readonly pidFile: string;
  /** The log of a node in the background. */
  readonly logFile: string;
  /** What a node in the background writes for people: how it started, or why it did not. */
  readonly notesFile: string;
}

/** What must not be lost alone: an acceptor's promises, the ids that a proposer has used, a Raft server's vote and log. */
const IRREPLACEABLE = ["acceptor", "proposer", "raft"];

/** Of a chat, nobody else reads what people write to each other, and what their passwords were made into. */
const OWNERS_ALONE = 0o700;

/**
 * Where a cluster keeps its state: one folder for the cluster, in it one for each node, in that one for each role.
 *
 *     <home>/clusters/<cluster>/cluster.json
 *     <home>/clusters/<cluster>/<node>/          node.pid, node.log, node.err, acceptor/, proposer/, learner/, raft/
 *     <home>/clusters/<cluster>/<node>.made
 */
export class ClusterFolder {
  /** The folder of all state, of which the cluster's is a part. */
  readonly home: string;
  readonly path: string;
  readonly recordFile: string;

  /** @param home default: SYNOD_HOME, else `.synod` in the current folder */
  constructor(
    readonly name: string,
    home: string = process.env["SYNOD_HOME"] || ".synod",
  ) {
    this.home = resolve(home);
    this.path = join(this.home, "clusters", name);
    this.recordFile = join(this.path, "cluster.json");
  }

  node(name: string): NodeFiles {
    const folder = join(this.path, name);
    const file = (ending: string) => join(folder, `node.${ending}`);
    return { folder, pidFile: file("pid"), logFile: file("log"), notesFile: file("err") };
  }

  /**
   * @returns null if no cluster of this name was ever started here
   * @throws {ClusterFolderError} if its record cannot be read
   */
  read(): ClusterRecord | null {
    let text: string;
    try {
      text = readFileSync(this.recordFile, "utf8");
    } catch (error) {
      if (isMissing(error)) return null;
      throw new ClusterFolderError(`${this.recordFile} cannot be read: ${reasonOf(error)}`, { cause: error });
    }
    const record = recordIn(text);
    if (record) return record;
    throw new ClusterFolderError(
      `${this.recordFile} is not a cluster's record. If the cluster's state may be lost, remove ${this.path}; else ` +
        "restore the file.",
    );
  }

  /**
   * The cluster's record, made if there is none yet. Commands that start the cluster at the same time get the same one.
   *
   * @param newId the cluster's id if it is made now
   * @throws {ClusterFolderError} if it cannot be made, or if the cluster has another topology
   */
  readOrCreate(topology: Topology, newId: string = randomUUID()): ClusterRecord {
    if (this.read() === null) {
      this.#refuseOrphans();
      const record = { clusterId: newId, topology: written(topology) };
      this.#orExplain(this.recordFile, () => {
        mkdirSync(join(this.home, "clusters"), { recursive: true });
        mkdirSync(this.path, { recursive: true, ...(topology.application === "chat" ? { mode: OWNERS_ALONE } : {}) });
        makeOnce(this.recordFile, `${JSON.stringify(record, null, 2)}\n`);
        syncFolder(join(this.home, "clusters"));
      });
    }
    const record = this.read();
    if (record === null)
      throw new ClusterFolderError(`${this.recordFile} was removed meanwhile: start the cluster again`);
    const difference = differenceOf(written(record.topology), written(topology));
    if (difference === null) return record;
    throw new ClusterFolderError(
      `the cluster ${this.name} in ${this.path} has another topology: ${difference}. Start it as it was made ` +
        `(synod cluster start --cluster ${this.name}), start this one under another name (--cluster NAME), or wipe the ` +
        `old one first: synod cluster stop && synod cluster reset`,
    );
  }

  /** Remembers, outside its folder, that this node has state: a folder that is gone took promises with it. */
  markMade(node: string): void {
    const file = this.#madeFile(node);
    if (!existsSync(file)) this.#orExplain(file, () => makeOnce(file, ""));
  }

  /** @throws {ClusterFolderError} if this node had promised, accepted, proposed or voted once, and what it knew of it is gone */
  refuseLost(node: Topology["nodes"][number]): void {
    if (!existsSync(this.#madeFile(node.name))) return;
    const { folder } = this.node(node.name);
    const kept = node.roles.map(({ role }) => role).filter((role) => IRREPLACEABLE.includes(role));
    const lost = kept.filter((role) => !existsSync(join(folder, role)));
    if (lost.length === 0) return;
    throw new ClusterFolderError(
      `${lost.map((role) => join(folder, role)).join(" and ")} is gone, and with it what ${node.name} promised: started ` +
        "afresh, it could break consensus. Restore the folder, or begin anew: synod cluster stop && synod cluster reset",
    );
  }

  /**
   * Takes the whole cluster out of its place in one step: a wipe that ends half-way would leave some nodes with their
   * promises and others without.
   *
   * @throws {ClusterFolderError} if it cannot be moved; then nothing has changed
   */
  setAside(): { folder: ClusterFolder; putBack(): void; remove(): void } {
    const aside = new ClusterFolder(this.name, join(this.home, `cluster-wiped-${randomUUID()}`));
    const move = (from: string, to: string) => this.#orExplain(from, () => renameSync(from, to));
    this.#orExplain(aside.path, () => mkdirSync(join(aside.home, "clusters"), { recursive: true }));
    move(this.path, aside.path);
    const clear = () => this.#orExplain(aside.home, () => rmSync(aside.home, { recursive: true }));
    return {
      folder: aside,
      putBack: () => {
        move(aside.path, this.path);
        clear();
      },
      remove: clear,
    };
  }

  #madeFile(node: string): string {
    return join(this.path, `${node}.made`);
  }

  /** A cluster id that was made anew would not be theirs. */
  #refuseOrphans(): void {
    const names = existsSync(this.path) ? readdirSync(this.path) : [];
    if (!names.some((name) => name.endsWith(".made")) || this.read() !== null) return;
    throw new ClusterFolderError(
      `${this.recordFile} is missing, but nodes' state is there: restore the file, or, if all of it may be lost, remove ` +
        this.path,
    );
  }

  #orExplain(file: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      throw new ClusterFolderError(`${file} cannot be written: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** The names of the clusters that were started in this home, in the order of the alphabet. */
export function clustersIn(home: string): string[] {
  const folder = join(resolve(home), "clusters");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => isClusterName(name) && existsSync(new ClusterFolder(name, home).recordFile)).sort();
}

function recordIn(text: string): ClusterRecord | null {
  try {
    const { clusterId, topology } = JSON.parse(text);
    if (!isClusterId(clusterId)) return null;
    return { clusterId, topology: checkTopology(topology) };
  } catch {
    // Not JSON, or a topology that is none: not a record, which is what null says.
    return null;
  }
}

/** What the first of two topologies has that the second has otherwise, in words; null if they are the same. */
function differenceOf(made: WrittenTopology, asked: WrittenTopology): string | null {
  for (const field of ["application", "difficulty", "engine", "voters", "chaos"] as const) {
    if (made[field] !== asked[field]) return `its ${field} is ${made[field]}, not ${asked[field]}`;
  }
  const [before, now] = [JSON.stringify(made.nodes), JSON.stringify(asked.nodes)];
  if (before === now) return null;
  const names = [...new Set([...Object.keys(made.nodes), ...Object.keys(asked.nodes)])];
  const other = names.find((name) => JSON.stringify(made.nodes[name]) !== JSON.stringify(asked.nodes[name]));
  if (other === undefined) return "its nodes stand in another order";
  if (!made.nodes[other]) return `it has no node ${other}`;
  return asked.nodes[other] ? `its ${other} is ${rolesText(made, other)}` : `it has a node ${other}`;
}

function rolesText({ nodes }: WrittenTopology, node: string): string {
  return Object.entries(nodes[node] ?? {})
    .map(([role, address]) => `${role} at ${address}`)
    .join(", ");
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
