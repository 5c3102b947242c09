import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freeOffset } from "./chat-demo-stage.ts";
import { BIN, ended, HOST, isAlive, until } from "./process-stage.ts";
import { eventually, Typed } from "./typed-prompt.ts";

/** Five processes that start again and again take their time on a machine that has other things to do. */
const PATIENT = { timeout: 240_000 };

/** Where the demos of a test are started, each on a machine of its own, or both on this one. */
interface Place {
  readonly home: string;
  /** What is typed before `node` on each machine. */
  readonly on: Readonly<Record<1 | 2, readonly string[]>>;
  readonly words: readonly string[];
}

/** A folder whose nodes, whatever becomes of their demo, are killed when the test ends. */
function homeForNodes(): string {
  expect(existsSync(`${BIN}../bundle/commands.js`), "the commands are not built: npm run build").toBe(true);
  const home = mkdtempSync(path.join(tmpdir(), "synod-chat-demo-"));
  onTestFinished(() => {
    for (const pid of nodePids(home)) process.kill(pid, "SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });
  return home;
}

/** The processes of nodes that run from this folder, those as well that are just being started, or that nobody knows of. */
function nodePids(home: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => isAlive(pid) && /\brun-node\b/.test(lineOf(pid)) && lineOf(pid).includes(home));
}

/** What a process was started with; nothing if it has ended. */
function lineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function start({ home, on, words }: Place, machine: 1 | 2, ...more: string[]) {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, SYNOD_HOME: home };
  const line = [...on[machine], process.execPath, `${BIN}synod.js`, "chat", "demo", "--machine-id", String(machine)];
  const [program = "", ...rest] = [...line, ...words, ...more];
  const child = spawn(program, rest, { env, cwd: home });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** A demo whose prompt is there. */
async function opened(demo: Typed): Promise<Typed> {
  await until(() => demo.stderr.includes("status, test, fail") || demo.process.exitCode !== null, "a prompt");
  expect(demo.process.exitCode, demo.stderr).toBeNull();
  return demo;
}

/** The end of what each line prints. */
const STATUS_END = /There is (a|no) quorum: .*\n/;
const TEST_END = /Test (succeeded|failed).*\n/;

/** Asks for the status until the nodes are in these states, in their order: On, Of(fline), Fa(iled). */
function untilStates(demo: Typed, states: string): Promise<string> {
  const rows = states.split(" ").map((state, place) => String.raw`${place + 1} +(?:Local|Remote) +${state}\w+ .*\n`);
  return eventually(demo, "status", new RegExp(rows.join("")), STATUS_END);
}

/** The scenarios that the original's README suggests, in its order. */
async function playScenarios(one: Typed, two: Typed): Promise<void> {
  expect(await untilStates(one, "On On On On On")).toMatch(/^2 +Local +Online +leader /m);
  expect(await untilStates(two, "On On On On On")).toMatch(/^2 +Remote +Online +leader /m);
  const first = await two.says("test", TEST_END);
  expect(first).toMatch(/^New account 'alice' created\.\nNew account 'bob' created\.\nLogged in as 'alice'/);
  expect(first).toMatch(/Message sent to 'bob': .*\nLogged in as 'bob'\. Unread messages: 1\.\nMessage read by 'bob'/);

  // Only one's own nodes, only those there are, and not the one that leads.
  expect(await one.says("fail 3", "\n")).toBe("Node 3 is remote. Cannot kill directly.\n");
  expect(await two.says("kill 9", "\n")).toBe("Invalid node ID: 9. Valid IDs: [1, 2, 3, 4, 5]\n");
  expect(await two.says("start 3", "\n")).toBe("Node 3 is already online.\n");
  expect(await one.says("fail 2", "\n")).toBe(
    "Initial leader failure (node 2) is disabled. Use '--fail-leader' if intended.\n",
  );

  expect(await two.says("fail 3", "\n")).toMatch(/^Node 3 failed: process \d+ was killed\.\n$/);
  await untilStates(one, "On On Of On On");
  expect(await two.says("test", TEST_END)).toContain("Test succeeded");
  await two.says("start 3", "Node 3 is online");
  await untilStates(one, "On On On On On");

  await Promise.all([one.says("fail 1", "Node 1 failed"), two.says("kill 4", "Node 4 failed")]);
  await untilStates(two, "Of On On Fa On");
  expect(await two.says("test", TEST_END)).toContain("Test succeeded");
  await two.says("fail 5", "Node 5 failed");
  await untilStates(two, "Of On On Fa Fa");
  // Without a quorum nothing succeeds, whoever tries.
  for (const demo of [one, two]) {
    const failed = await demo.says("test", TEST_END);
    expect(failed).toMatch(/^Test failed: .*There is no quorum: 2 of 5 nodes are online, 3 are needed\.\n$/);
  }
  await Promise.all([one.says("start 1", "Node 1 is online"), two.says("start 4", "Node 4 is online")]);
  await two.says("start 5", "Node 5 is online");
  await untilStates(one, "On On On On On");
  expect(await one.says("test", TEST_END)).toMatch(/^Username already exists.*Test succeeded/s);
}

test(
  "two demos on one machine: the original's scenarios, a restart, another leader, and nothing left",
  PATIENT,
  async () => {
    const words = ["--port-offset", String(await freeOffset()), "--wait", "20s"];
    const place: Place = { home: homeForNodes(), on: { 1: [], 2: [] }, words: [...words, "--peer-ip", HOST] };
    const demos = [new Typed(start(place, 1)), new Typed(start(place, 2))] as const;
    const [one, two] = await Promise.all(demos.map(opened) as [Promise<Typed>, Promise<Typed>]);
    await playScenarios(one, two);

    // While the other machine goes on, one that would forget what its nodes voted for is refused, and changes nothing.
    one.process.kill("SIGTERM");
    expect(await once(one.process, "exit")).toEqual([0, null]);
    const refused = await ended(start(place, 1));
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      /machine 2 runs a cluster from before.*Nothing was cleared\. .*--skip-clear.*or end both/s,
    );
    expect(nodePids(place.home)).toHaveLength(3);
    const again = await opened(new Typed(start(place, 1, "--skip-clear", "--fail-leader")));
    expect(again.stderr).toContain("this machine joins the other one");
    await untilStates(two, "On On On On On");

    // When the one that leads fails, another one leads, and everybody goes on.
    const transfer = ["raft", "transfer", "2", "--cluster", "chat-demo-1", "--home", place.home];
    expect((await ended(spawn(process.execPath, [`${BIN}synod.js`, ...transfer]))).stdout).toContain(
      "raft2 leads in term",
    );
    await again.says("fail 2", "Node 2 failed");
    await eventually(again, "status", /^[1345] +\w+ +Online +leader /m, STATUS_END);
    expect(await again.says("test", TEST_END)).toContain("Test succeeded");

    // Whoever is told to end, by a line, by Ctrl-C or since its terminal is gone, takes its nodes along.
    again.process.stdin?.end("exit\n");
    expect(await once(again.process, "exit")).toEqual([0, null]);
    two.process.kill("SIGINT");
    expect(await once(two.process, "exit")).toEqual([130, null]);
    expect(nodePids(place.home)).toEqual([]);
  },
);

/** Whether this machine lets us make networks of our own. */
const hasNamespaces =
  process.getuid?.() === 0 &&
  spawnSync("ip", ["netns", "add", `synod-probe-${process.pid}`]).status === 0 &&
  spawnSync("ip", ["netns", "del", `synod-probe-${process.pid}`]).status === 0;

/** Two machines with a cable between them: namespaces, in each of which one is at an address of its own. */
function cabled(): { names: readonly [string, string]; ip(...words: string[]): void } {
  const names = [`synod-${process.pid}-1`, `synod-${process.pid}-2`] as const;
  const ip = (...words: string[]) => void execFileSync("ip", words, { stdio: "pipe" });
  onTestFinished(() => {
    for (const name of names) spawnSync("ip", ["netns", "del", name]);
  });
  for (const name of names) ip("netns", "add", name);
  ip("link", "add", "cable", "netns", names[0], "type", "veth", "peer", "name", "cable", "netns", names[1]);
  for (const [place, name] of names.entries()) {
    ip("-n", name, "addr", "add", `10.77.0.${place + 1}/24`, "dev", "cable");
    for (const device of ["lo", "cable"]) ip("-n", name, "link", "set", device, "up");
  }
  return { names, ip };
}

test.skipIf(!hasNamespaces)(
  "two machines, with real addresses: they find each other, and a cable is cut between them",
  PATIENT,
  async () => {
    const { names, ip } = cabled();
    const home = homeForNodes();
    const secret = path.join(home, "secret");
    writeFileSync(secret, "a-secret-of-both-machines\n", { mode: 0o600 });
    const on = (name: string) => ["ip", "netns", "exec", name];
    const place: Place = {
      home,
      on: { 1: on(names[0]), 2: on(names[1]) },
      words: ["--secret-file", secret, "--wait", "20s", "--timeout", "20s"],
    };
    // Whose peer-ip is missing finds the other one by the secret.
    const demos = [new Typed(start(place, 1)), new Typed(start(place, 2))] as const;
    const [one, two] = await Promise.all(demos.map(opened) as [Promise<Typed>, Promise<Typed>]);
    expect(one.stderr).toContain("found machine 2 at 10.77.0.2");
    expect(two.stderr).toContain("found machine 1 at 10.77.0.1");
    await playScenarios(one, two);

    // Node 2 leads, on the side of two. The side of three finds a leader of its own; the other one does nothing at all.
    ip("-n", names[0], "link", "set", "cable", "down");
    await eventually(two, "status", /^[345] +Local +Online +leader /m, STATUS_END);
    expect(await untilStates(two, "Of Of On On On")).toContain("There is a quorum: 3 of 5 nodes are online");
    expect(await two.says("test", TEST_END)).toContain("Test succeeded");
    await untilStates(one, "On On Of Of Of");
    expect(await one.says("test", TEST_END)).toContain("There is no quorum: 2 of 5 nodes are online");
    ip("-n", names[0], "link", "set", "cable", "up");
    await untilStates(one, "On On On On On");
    expect(await one.says("test", TEST_END)).toContain("Test succeeded");

    // A terminal that goes away takes the nodes along, too.
    one.process.kill("SIGHUP");
    two.process.stdin?.end("exit\n");
    // Where a script types, the first line that failed says how it ends: here, a node that there is none of.
    expect(await once(two.process, "exit")).toEqual([2, null]);
    await until(() => nodePids(home).length === 0, "no node of either machine runs any more");
  },
);
