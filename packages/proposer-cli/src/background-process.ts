import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning, readPidFile, type ServerProcess } from "@synod/acceptor-server/pid-file";
import { inStartingTurn } from "./starting-turn.js";

/** How often a state that is waited for is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20;

const ENDED_SILENTLY = "it ended without a word";

/** A log of which a new one is begun at the next start. */
const LONG_LOG_BYTES = 16 * 1024 * 1024;

/** A server that is to run in the background. */
export interface BackgroundServer {
  /** What Node runs: a program and its words. */
  readonly commandLine: readonly string[];
  /** The name of the command as its complaints begin. */
  readonly program: string;
  /** In the server's folder, as the two files after it. */
  readonly pidFile: string;
  readonly logFile: string;
  /** What it writes for people: how it started, or why it did not. */
  readonly notesFile: string;
  readonly secret: string | undefined;
  /** Whether it answers as itself. */
  isReady(server: ServerProcess, signal: AbortSignal): Promise<boolean>;
}

/** The process that a pid file names, if it still runs; null if none does, whatever the file says. */
export function runningProcess(pidFile: string): ServerProcess | null {
  const server = readPidFile(pidFile);
  return server && isRunning(server) ? server : null;
}

/** A server that is up and ready. */
export interface ServerUp {
  readonly server: ServerProcess;
  /** Whether it ran before, or somebody else has started it meanwhile. */
  readonly wasUp: boolean;
  /** What it said for people while it started, other than where it listens. */
  readonly notes: readonly string[];
}

/**
 * Sees to it that a server runs which outlives this command, and waits until it is ready. Asked for by several at once,
 * it is started once, and all are told that it is up.
 *
 * @returns in words, why it is not up
 */
export async function bringUpInBackground(
  server: BackgroundServer,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerUp | string> {
  mkdirSync(dirname(server.notesFile), { recursive: true });
  const up = await inStartingTurn(server.notesFile, withinMs, interrupted, async (leftMs) => {
    const before = runningProcess(server.pidFile);
    const started = before ? null : await startInBackground(server, leftMs, interrupted);
    if (started && typeof started !== "string") return { server: started, wasUp: false, notes: startNotes(server) };
    // Somebody may have run it in a terminal of theirs, without a turn, and have been first to take its folder.
    const other = before ?? runningProcess(server.pidFile);
    if (!other) return started ?? ENDED_SILENTLY;
    const ready = await untilReady(server, other.pid, leftMs, interrupted);
    if (ready) return { server: ready, wasUp: true, notes: [] };
    return `process ${other.pid} runs, but did not answer within ${withinMs} ms`;
  });
  return up ?? `another command was still starting it after ${withinMs} ms`;
}

/** @returns the server once it is ready; or, in words, why it is not */
async function startInBackground(
  server: BackgroundServer,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerProcess | string> {
  putAwayLongLog(server.logFile);
  const log = openSync(server.logFile, "a");
  const notes = openSync(server.notesFile, "w");
  const looking = new AbortController();
  const signal = AbortSignal.any([interrupted, looking.signal]);
  let started: ServerProcess | string | null = null;
  const { secret } = server;
  const child = spawn(process.execPath, server.commandLine, {
    detached: true,
    stdio: ["ignore", log, notes],
    env: { ...process.env, ...(secret === undefined ? {} : { SYNOD_SECRET: secret }) },
  });
  try {
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", () => resolve(startNotes(server).join("; ") || ENDED_SILENTLY));
    });
    started = await Promise.race([ended, untilReady(server, child.pid, withinMs, signal)]);
    return started ?? `it was not ready within ${withinMs} ms; see ${server.logFile}`;
  } finally {
    // One that is slow, or that nobody waits for any more, must not turn up later.
    if (started === null) child.kill("SIGKILL");
    // How it ends later is nobody's concern here, and its notes may be gone by then.
    child.removeAllListeners("exit");
    child.unref();
    looking.abort();
    closeSync(log);
    closeSync(notes);
  }
}

/** Begins a new log when the old one is long; the one before it is kept. */
function putAwayLongLog(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LONG_LOG_BYTES) renameSync(logFile, `${logFile}.old`);
}

/** Waits until the process of this number is ready. @returns null when the time is up */
async function untilReady(
  server: Pick<BackgroundServer, "pidFile" | "isReady">,
  pid: number | undefined,
  withinMs: number,
  signal: AbortSignal,
): Promise<ServerProcess | null> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    signal.throwIfAborted();
    const found = readPidFile(server.pidFile);
    if (found && found.pid === pid && (await server.isReady(found, signal))) return found;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

/** What the server said for people since it was started, other than where it listens. */
function startNotes({ notesFile, program }: Pick<BackgroundServer, "notesFile" | "program">): string[] {
  // Somebody may have wiped the folder meanwhile.
  const lines = existsSync(notesFile) ? readFileSync(notesFile, "utf8").split("\n") : [];
  return lines
    .filter((line) => line !== "" && !line.startsWith("Try: ") && !line.includes(" listens on "))
    .map((line) => (line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line));
}
