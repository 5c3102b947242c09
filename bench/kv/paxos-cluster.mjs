/** Clusters of Synod's own: three processes (kv-compact), or a process for each role (kv); on Raft, as many as one says. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freeOffset } from "./free-ports.mjs";

const SYNOD = fileURLToPath(new URL("../../packages/proposer-cli/bin/synod.js", import.meta.url));
const PORTS = [5001, 5002, 5003, 6001, 6002, 6003, 7001, 7002, 7003, 8000, 8001, 8002];
const RAFT_PORTS = [8000, 8001, 8002, 8003, 8004, 9001, 9002, 9003, 9004, 9005];

/** Of the five nodes of a chat, on whichever engine. */
const CHAT_PORTS = [50_050, 50_060, 50_070, 50_080, 50_090].flatMap((base) =>
  [1, 2, 3, 4, 5].map((node) => base + node),
);

const run = promisify(execFile);

/** @returns a new cluster on Paxos that serves */
export function startPaxos(preset = "kv-compact", from = 21_000) {
  return startCluster("paxos", { preset, from, ports: PORTS });
}

/** @returns a new cluster on Raft that serves: five servers, or with kv-compact three */
export function startRaft(preset = "kv", from = 21_000) {
  return startCluster("raft", { preset, from, ports: RAFT_PORTS });
}

/** @returns a new chat on five nodes that serves */
export function startChat(engine) {
  return startCluster(engine, { preset: "chat", from: 2000, ports: CHAT_PORTS });
}

async function startCluster(engine, { preset, from, ports }) {
  const home = mkdtempSync(join(tmpdir(), "synod-bench-kv-"));
  const offset = await freeOffset(from, ports);
  const cluster = (...words) => run(process.execPath, [SYNOD, "cluster", ...words, "--home", home]);
  const start = () => cluster("start", preset, "--engine", engine, "--port-offset", String(offset));
  const remove = async () => {
    await cluster("stop");
    rmSync(home, { recursive: true, force: true });
  };
  await start();
  const servers = await look();
  const members = membersIn(servers);
  const keepers = servers.filter(({ role }) => role === "acceptor" || role === "raft").map(({ address }) => address);
  const recover = async (name) => {
    await cluster("recover", name);
    // Its process is another one now.
    const now = membersIn(await look());
    for (const [place, member] of now.entries()) Object.assign(members[place], member);
  };
  const stop = () => cluster("stop");
  return { target: engine, home, offset, members, start, stop, recover, remove, leader, syncs };

  async function look() {
    return JSON.parse((await cluster("status", "--json")).stdout).servers;
  }

  /** @returns the position of the member that leads */
  async function leader() {
    const status = await (await fetch(`${members[0].url}/status`)).json();
    const node = [...status.proposers, ...status.raft_servers].find(({ name }) => name === status.leader)?.node;
    return members.findIndex(({ name }) => name === node);
  }

  /** @returns how many fdatasyncs there have been, of all acceptors, or servers of Raft */
  async function syncs() {
    const pages = await Promise.all(keepers.map(async (address) => (await fetch(`http://${address}/metrics`)).text()));
    return pages.reduce((sum, page) => sum + Number(/^synod_flush(?:es|_seconds_count) (\d+)/m.exec(page)?.[1]), 0);
  }
}

function membersIn(servers) {
  return servers
    .filter(({ role }) => role === "gateway")
    .map(({ node, pid, address }) => ({ name: node, pid, url: `http://${address}` }));
}
