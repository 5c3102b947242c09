/** Three processes of the bare data path; see member.mjs. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killAll } from "../children.mjs";
import { freeOffset } from "../free-ports.mjs";

const MEMBER = fileURLToPath(new URL("./member.mjs", import.meta.url));
const PORTS = [1, 2, 3];

/** @returns three members that serve, of which the first one leads */
export async function startSketch(from = 21_000) {
  const home = mkdtempSync(join(tmpdir(), "synod-bench-sketch-"));
  const offset = await freeOffset(from, PORTS);
  const ports = PORTS.map((port) => String(port + offset));
  const children = [];
  const start = (place, ...others) => {
    const child = fork(MEMBER, [join(home, String(place)), ports[place], ...others]);
    children[place] = child;
    return told(child);
  };
  const remove = async () => {
    await killAll(children);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await Promise.all([start(1), start(2)]);
    await start(0, ports[1], ports[2]);
  } catch (error) {
    await remove();
    throw error;
  }
  const members = children.map(({ pid }, place) => ({ pid, url: `http://127.0.0.1:${ports[place]}` }));
  const leader = async () => 0;
  const syncs = async () => {
    const counts = children.map(async (child) => {
      child.send("syncs");
      return (await told(child)).syncs;
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  return { target: "sketch", home, members, remove, leader, syncs };
}

/** @returns what it says next @throws {Error} if it ends instead */
function told(child) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`a member of the sketch ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}
