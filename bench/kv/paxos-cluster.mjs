/** A cluster of Synod's own: three processes (kv-compact), or a process for each role (kv). */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freeOffset } from "./free-ports.mjs";

const SYNOD = fileURLToPath(new URL("../../packages/proposer-cli/bin/synod.js", import.meta.url));
const PORTS = [5001, 5002, 5003, 6001, 6002, 6003, 7001, 7002, 7003, 8000, 8001, 8002];

const run = promisify(execFile);

/** @returns a new cluster that serves */
export async function startPaxos(preset = "kv-compact", from = 21_000) {
  const home = mkdtempSync(join(tmpdir(), "synod-bench-kv-"));
  const offset = await freeOffset(from, PORTS);
  const cluster = (...words) => run(process.execPath, [SYNOD, "cluster", ...words, "--home", home]);
  const start = () => cluster("start", preset, "--port-offset", String(offset));
  const remove = async () => {
    await cluster("stop");
    rmSync(home, { recursive: true, force: true });
  };
  await start();
  const { servers } = JSON.parse((await cluster("status", "--json")).stdout);
  const members = servers
    .filter(({ role }) => role === "gateway")
    .map(({ node, pid, address }) => ({ name: node, pid, url: `http://${address}` }));
  const acceptors = servers.filter(({ role }) => role === "acceptor").map(({ address }) => `http://${address}`);
  return { target: "paxos", home, offset, members, start, stop: () => cluster("stop"), remove, leader, syncs };

  /** @returns the position of the member that leads */
  async function leader() {
    const status = await (await fetch(`${members[0].url}/status`)).json();
    const node = status.proposers.find(({ name }) => name === status.leader)?.node;
    return members.findIndex(({ name }) => name === node);
  }

  /** @returns how many fdatasyncs there have been, of all acceptors */
  async function syncs() {
    const pages = await Promise.all(acceptors.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    return pages.reduce((sum, page) => sum + Number(/^synod_flush_seconds_count (\d+)/m.exec(page)?.[1]), 0);
  }
}
