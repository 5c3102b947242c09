import type { ServerProcess } from "@synod/acceptor-server/pid-file";
import type { PoolFolder } from "@synod/acceptor-server/pool-folder";
import { type Address, formatAddress } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import { type BackgroundServer, bringUpInBackground, runningProcess, type ServerUp } from "./background-process.js";
import { clientAt } from "./pool-connection.js";
import { addressOf, idsUpTo, type PoolSettings } from "./pool-settings.js";
import { programFile } from "./program-file.js";
import { CommandFailure, ExitCode } from "./terminal/exit-code.js";

/** How long one look may take, in milliseconds. */
const ONE_LOOK_MS = 1000;

/** The acceptor of this id that runs from this folder; null if none does, whatever its pid file says. */
export function runningAcceptor(folder: PoolFolder, serverId: number): ServerProcess | null {
  return runningProcess(folder.pidFile(serverId));
}

/**
 * Sees to it that an acceptor runs in the background, and waits until it answers.
 *
 * @throws {CommandFailure} with what it said, if it ends before that, or does not answer in time
 */
export async function bringUp(
  settings: PoolSettings,
  serverCount: number,
  serverId: number,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerUp> {
  const up = await bringUpInBackground(inBackground(settings, serverCount, serverId), withinMs, interrupted);
  if (typeof up !== "string") return up;
  throw new CommandFailure(ExitCode.failure, "not-started", `acceptor ${serverId} is not up: ${up}`);
}

function inBackground(settings: PoolSettings, serverCount: number, serverId: number): BackgroundServer {
  const { folder, secret } = settings;
  return {
    commandLine: commandLine(settings, serverCount, serverId),
    program: "acceptor-server",
    pidFile: folder.pidFile(serverId),
    logFile: folder.logFile(serverId),
    notesFile: folder.notesFile(serverId),
    secret,
    isReady: ({ address }) => answers(address, serverId, settings),
  };
}

function commandLine(settings: PoolSettings, serverCount: number, serverId: number): string[] {
  const { folder } = settings;
  const addresses = idsUpTo(serverCount).map((id) => formatAddress(addressOf(settings, id)));
  return [
    programFile("acceptor-server"),
    ...["--id", String(serverId)],
    ...["--server-count", String(serverCount)],
    ...["--servers", addresses.join(",")],
    ...["--home", folder.home],
  ];
}

async function answers(address: Address, serverId: number, settings: PoolSettings): Promise<boolean> {
  const client = clientAt(address, serverId, ONE_LOOK_MS, settings);
  try {
    await client.state(1);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof ProblemAnswer) return false;
    throw error;
  } finally {
    await client.close();
  }
}
