/**
 * The story of one value, played with real processes: three acceptors, one value chosen, one acceptor down, and a second
 * proposer that meets the first one's value. Everything it starts it stops again, also on Ctrl-C.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../packages/proposer-cli/bin/", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "synod-demo-"));
const bold = process.stdout.isTTY && !process.env.NO_COLOR ? (text) => `\x1b[1m${text}\x1b[0m` : (text) => text;
const env = { ...process.env, SYNOD_HOME: home };
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interruption.abort());

/** Whether nobody listens on this port yet. */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** The usual ports; if one is taken, three others. */
async function addresses() {
  for (let base = 5000; base < 30000; base += 1000) {
    const ports = [1, 2, 3].map((id) => base + id);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports.map((port) => `127.0.0.1:${port}`).join(",");
  }
  throw new Error("no three free ports were found: stop a pool that is still running, or set SYNOD_SERVERS");
}

/** Runs a command as a person would type it, shows it, and returns its exit code. */
async function run(line, { show = true } = {}) {
  const [program, ...words] = line.split(" ");
  if (show) console.log(`\n${bold(`$ ${line}`)}`);
  const child = spawn(process.execPath, [join(bin, `${program}.js`), ...words], {
    env,
    stdio: ["ignore", show ? "inherit" : "ignore", show ? "inherit" : "ignore"],
  });
  const code = await new Promise((resolve, reject) =>
    child.once("error", reject).once("exit", (exit) => resolve(exit)),
  );
  if (show) interruption.signal.throwIfAborted();
  return code;
}

/** The same, where anything but success means that the demo itself is broken. */
async function must(line) {
  const code = await run(line);
  if (code !== 0) throw new Error(`"${line}" ended with exit code ${code}`);
}

function say(text) {
  console.log(`\n${text.trim()}`);
}

async function play() {
  env.SYNOD_SERVERS ??= await addresses();
  say(`
Synod: consensus you can hold in your hands.
Three acceptors agree on one value, once and for ever. Each is a process of its own and keeps its word on disk.`);
  await must("synod acceptor up 1 2 3 --server-count 3");

  say(`
A proposer asks a majority to promise id 9, then to accept its value under that id. Two acceptors of three will do: any
two majorities share one, and that one remembers.`);
  await must("proposer-demo --server-count 3 --id 9 --contact-count 2 --value tea --seed 3");
  await must("get-state --table");

  say(`
Two of three accepted "tea": it is chosen. Now one of the acceptors that know of it crashes (kill -9), and another
proposer, who never heard of tea, comes with a higher id and a value of its own.`);
  await must("synod acceptor down 2 --crash");
  await must("proposer-demo --server-count 3 --id 16 --contact-count 3 --value coffee --seed 1");

  say(`
The majority that was left includes an acceptor that had accepted "tea", and its promise said so. A proposer that hears of
an accepted value must propose that one instead of its own: so a chosen value stays chosen. Seen from outside:`);
  await must("synod explain");

  say(`
The acceptor that crashed comes back with all it had promised and accepted, because it had written that down before it
answered:`);
  await must("synod acceptor up 2");
  await must("get-state --table");

  say(`
That is Paxos. Send each message yourself: the tour in README.md takes it from here.`);
}

let exitCode = 0;
try {
  await play();
} catch (error) {
  exitCode = interruption.signal.aborted ? 130 : 1;
  if (exitCode === 1) console.error(`demo: ${error instanceof Error ? error.message : error}`);
} finally {
  console.log("\nStopping what was started here.");
  await run("synod acceptor down --all", { show: false });
  rmSync(home, { recursive: true, force: true });
}
process.exit(exitCode);
