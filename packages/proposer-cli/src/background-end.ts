import { setTimeout as delay } from "node:timers/promises";
import { isRunning, readPidFile, removePidFile, type ServerProcess } from "@synod/acceptor-server/pid-file";
import { type BackgroundServer, runningProcess } from "./background-process.js";
import { nobodyStarts } from "./starting-turn.js";
import { CommandFailure, ExitCode } from "./terminal/exit-code.js";

/** How often a process that is to end is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20;

/** How a server is ended. */
export interface HowToEnd {
  /** Kill it at once, as a failing machine would; else it is asked to stop first. */
  readonly crash: boolean;
  readonly withinMs: number;
  readonly interrupted: AbortSignal;
}

/** What became of a server that was to end. */
export interface ServerEnd {
  readonly done: "stopped" | "killed" | "not-up";
  /** The same for people. */
  readonly words: string;
  /** The process that it was; absent if none ran. */
  readonly pid?: number;
}

/**
 * Ends the process that the server's own pid file names, and no other. One that another command is about to start is
 * waited for: else it would come up right after it was said to be down.
 *
 * @throws {CommandFailure} if it is still there when the time is up
 */
export async function endInBackground(
  { pidFile, notesFile }: Pick<BackgroundServer, "pidFile" | "notesFile">,
  { crash, withinMs, interrupted }: HowToEnd,
): Promise<ServerEnd> {
  const running = runningProcess(pidFile) ?? (await startedMeanwhile(pidFile, notesFile, withinMs, interrupted));
  if (running) {
    const done = await stop(running, crash, withinMs, interrupted);
    if (runningProcess(pidFile) === null) removePidFile(pidFile);
    return { done, words: `${done} (pid ${running.pid})`, pid: running.pid };
  }
  const stale = readPidFile(pidFile);
  if (!stale) return { done: "not-up", words: "was not up" };
  removePidFile(pidFile);
  return { done: "not-up", words: `was not up (its pid file named process ${stale.pid}, which is gone)` };
}

async function startedMeanwhile(
  pidFile: string,
  notesFile: string,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerProcess | null> {
  if (await nobodyStarts(notesFile, withinMs, interrupted)) return runningProcess(pidFile);
  const message = `another command was still starting it after ${withinMs} ms; end that one first`;
  throw new CommandFailure(ExitCode.failure, "not-stopped", message);
}

/**
 * Stops a server: asks it to, or, for a crash, kills it at once. Waits until the process is gone.
 *
 * @returns how it ended
 * @throws {CommandFailure} if it is still there when the time is up
 */
async function stop(
  server: ServerProcess,
  crash: boolean,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<"stopped" | "killed"> {
  // Between looking at the pid file and this signal lies no wait: it is still the same process.
  if (!crash) {
    signal(server, "SIGTERM");
    if (await isGone(server, withinMs, interrupted)) return "stopped";
  }
  signal(server, "SIGKILL");
  if (await isGone(server, withinMs, interrupted)) return "killed";
  throw new CommandFailure(ExitCode.failure, "not-stopped", `process ${server.pid} does not end`);
}

function signal(server: ServerProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (!isRunning(server)) return;
  try {
    process.kill(server.pid, name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isRunning(server))
      throw new CommandFailure(ExitCode.failure, "not-stopped", `process ${server.pid}: ${reason}`);
  }
}

async function isGone(server: ServerProcess, withinMs: number, interrupted: AbortSignal): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (isRunning(server)) {
    if (performance.now() > end) return false;
    interrupted.throwIfAborted();
    await delay(LOOK_EVERY_MS);
  }
  return true;
}
