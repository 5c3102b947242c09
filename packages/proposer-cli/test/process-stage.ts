import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readPidFile } from "@synod/acceptor-server/pid-file";
import { PoolFolder } from "@synod/acceptor-server/pool-folder";
import { expect, onTestFinished } from "vitest";
import { canBeBound, freePorts, HOST } from "../../acceptor-server/test/free-ports.ts";

/** The folder of the commands as they are installed. */
export const BIN = fileURLToPath(new URL("../bin/", import.meta.url));

export { canBeBound, freePorts, HOST };

/** How long a command may take at most: far longer than it does, and shorter than the test's own patience. */
const PATIENCE_MS = 40_000;

export interface ProcessRan {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place of its own for real processes: a home, addresses that nobody else uses, and an end for all that was started. */
export interface Stage {
  readonly folder: PoolFolder;
  readonly home: string;
  readonly ports: readonly number[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a command to its end. */
  run(command: string, ...words: string[]): Promise<ProcessRan>;
  /** Runs `synod`. */
  synod(...words: string[]): Promise<ProcessRan>;
  /** Starts a command and leaves it running. */
  start(command: string, ...words: string[]): ChildProcess;
  /** The process of this acceptor, by its pid file. */
  pidOf(serverId: number): number;
}

/** Sets a stage for a pool of this size; whatever runs from it is killed when the test ends. */
export async function setStage(size: number): Promise<Stage> {
  expect(existsSync(`${BIN}../bundle/commands.js`), "the commands are not built: npm run build").toBe(true);
  const home = mkdtempSync(path.join(tmpdir(), "synod-stage-"));
  const folder = new PoolFolder(home);
  const ports = await freePorts(size);
  const env = {
    ...process.env,
    SYNOD_HOME: home,
    SYNOD_SERVERS: ports.map((port) => `${HOST}:${port}`).join(","),
    SYNOD_SERVER_COUNT: undefined,
    SYNOD_SECRET: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    NODE_OPTIONS: undefined,
  };
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill("SIGKILL");
    for (const [position] of ports.entries()) killServer(folder, position + 1);
    rmSync(home, { recursive: true, force: true });
  });
  const start = (command: string, ...words: string[]) => {
    const child = spawn(process.execPath, [`${BIN}${command}.js`, ...words], { env, cwd: home });
    children.push(child);
    return child;
  };
  const run = (command: string, ...words: string[]) => ended(start(command, ...words));
  const pidOf = (serverId: number) => {
    const pid = readPidFile(folder.pidFile(serverId))?.pid;
    if (pid === undefined) throw new Error(`server ${serverId} has no pid file`);
    return pid;
  };
  return { folder, home, ports, env, run, synod: (...words) => run("synod", ...words), start, pidOf };
}

/** Waits for a process to end, and hands back all that it said. */
export async function ended(child: ChildProcess, patienceMs = PATIENCE_MS): Promise<ProcessRan> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [exitCode] = await once(child, "close", { signal: AbortSignal.timeout(patienceMs) });
  return { exitCode, stdout, stderr };
}

/** Whether a process of this number runs; one that has ended and was not collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Looks again and again, within a bound, until the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function killServer(folder: PoolFolder, serverId: number): void {
  const server = readPidFile(folder.pidFile(serverId));
  if (!server || !isAlive(server.pid)) return;
  // Only what runs from this very stage: a number alone may belong to anybody by now.
  const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, "utf8");
  if (commandLine.includes(path.dirname(folder.path))) process.kill(server.pid, "SIGKILL");
}
