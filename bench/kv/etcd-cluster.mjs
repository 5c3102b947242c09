/** Three members of etcd with a new data folder each, on one disk, as they come: with fsync. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAll } from "./children.mjs";
import { freeOffset } from "./free-ports.mjs";

const NAMES = ["one", "two", "three"];
const PORTS = [2371, 2372, 2373, 2381, 2382, 2383];
const START_MS = 20_000;

/** @returns a new cluster that has a leader */
export async function startEtcd(from = 21_000) {
  const home = mkdtempSync(join(tmpdir(), "synod-bench-etcd-"));
  const offset = await freeOffset(from, PORTS);
  const url = (place) => `http://127.0.0.1:${PORTS[place] + offset}`;
  const everybody = NAMES.map((name, place) => `${name}=${url(place + 3)}`).join(",");
  const children = NAMES.map((name, place) => spawn("etcd", wordsFor(name, place), { stdio: "ignore" }));
  const members = children.map(({ pid }, place) => ({ name: NAMES[place], pid, url: url(place) }));
  const cluster = { target: "etcd", home, members, remove, leader, syncs };
  try {
    await untilItWrites(members[0].url);
  } catch (error) {
    await remove();
    throw error;
  }
  return cluster;

  function wordsFor(name, place) {
    const own = ["--name", name, "--data-dir", join(home, name), "--log-level", "error"];
    const clients = ["--listen-client-urls", url(place), "--advertise-client-urls", url(place)];
    const peers = ["--listen-peer-urls", url(place + 3), "--initial-advertise-peer-urls", url(place + 3)];
    return [...own, ...clients, ...peers, "--initial-cluster", everybody, "--initial-cluster-state", "new"];
  }

  /** @returns the position of the member that leads */
  async function leader() {
    const status = await ask(members[0].url, "/v3/maintenance/status", {});
    for (const [place, { url }] of members.entries()) {
      const { header } = await ask(url, "/v3/maintenance/status", {});
      if (header.member_id === status.leader) return place;
    }
    return -1;
  }

  /** @returns how many syncs there have been: of the write-ahead logs and of the databases */
  async function syncs() {
    const pages = await Promise.all(members.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const counts = /^etcd_disk_(?:wal_fsync|backend_commit)_duration_seconds_count (\d+)/gm;
    return pages.reduce((sum, page) => [...page.matchAll(counts)].reduce((part, [, n]) => part + Number(n), sum), 0);
  }

  async function remove() {
    await killAll(children);
    rmSync(home, { recursive: true, force: true });
  }
}

async function untilItWrites(url) {
  const end = performance.now() + START_MS;
  for (;;) {
    try {
      return await ask(url, "/v3/kv/put", { key: "c3RhcnQ=", value: "" });
    } catch (error) {
      if (performance.now() > end) throw new Error(`etcd did not start in ${START_MS} ms`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function ask(url, path, body) {
  const answer = await fetch(url + path, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2000),
  });
  if (!answer.ok) throw new Error(`${url}${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}
