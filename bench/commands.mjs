/** What a person waits for: the start-up of a command against bare Node, and a whole proposal. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTurn, median, printTable, wallTimeOf } from "./measure.mjs";

const ROUNDS = 21;
const bin = (name) => fileURLToPath(new URL(`../packages/proposer-cli/bin/${name}.js`, import.meta.url));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function benchCommands() {
  const home = mkdtempSync(join(tmpdir(), "synod-bench-"));
  const ports = await Promise.all([1, 2, 3].map(freePort));
  const env = { ...process.env, SYNOD_HOME: home, SYNOD_SERVERS: ports.map((port) => `127.0.0.1:${port}`).join(",") };
  const run = (name, ...words) => wallTimeOf(process.execPath, [bin(name), ...words], { env });
  run("synod", "acceptor", "up");
  try {
    let id = 0;
    report(
      await inTurn(ROUNDS, {
        "node -e 0": () => wallTimeOf(process.execPath, ["-e", "0"]),
        "get-state --version": () => run("get-state", "--version"),
        "get-state": () => run("get-state"),
        "send-prepare to 3": () => run("send-prepare", "--id", `${++id}`, "--server-ids", "1", "2", "3"),
        "proposer-demo, 3 of 3": () => run("proposer-demo", "--id", `${++id}`, "--value", "x", "--instance", `${id}`),
      }),
    );
  } finally {
    run("synod", "acceptor", "down", "--all");
    rmSync(home, { recursive: true, force: true });
  }
}

function report(results) {
  const bare = median(results["node -e 0"]);
  const rows = Object.entries(results).map(([name, times]) => {
    const ratios = times.map((time, round) => time / results["node -e 0"][round]);
    return [name, median(times).toFixed(0), median(ratios).toFixed(2)];
  });
  printTable(`Wall time of commands (bare Node takes ${bare.toFixed(0)} ms here)`, ["", "ms", "x bare Node"], rows);
}
