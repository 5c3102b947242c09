import { existsSync } from "node:fs";
import type { PoolRecord } from "@synod/acceptor-server/pool-folder";
import { runningAcceptor } from "../acceptor-process.js";
import { askAll, withServers } from "../pool-connection.js";
import { POOL_OPTIONS, type PoolSettings, poolSettings, TIMEOUT_OPTION, withFolder } from "../pool-settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { areIdsGiven, IDS_POSITIONAL, idsGiven, recordOf } from "./acceptor-pool.js";

export const acceptorReset: Command = {
  usage: "acceptor reset [ids..]",
  summary: "Wipe the whole pool that was started here; refused while one of its acceptors runs",
  examples: [
    ["synod acceptor down --all && synod acceptor reset", "begin anew"],
    ["synod acceptor reset 2 --forget-promises", "wipe one acceptor alone, which can lose a chosen value"],
  ],
  positionals: IDS_POSITIONAL,
  options: {
    "forget-promises": {
      type: "boolean",
      default: false,
      describe: "Wipe single acceptors: a majority may then forget what it promised and accepted",
    },
    ...TIMEOUT_OPTION,
    ...POOL_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = poolSettings(args, terminal);
    const named = areIdsGiven(args);
    if (settings.record === null && !existsSync(settings.folder.path)) {
      terminal.line(`nothing to reset: no pool was started in ${settings.folder.path}`);
      return { exitCode: ExitCode.done, document: { reset: [], warnings: terminal.warnings } };
    }
    const record = recordOf(settings, terminal);
    const ids = idsGiven(args, record.serverCount);
    if (named && !args["forget-promises"]) throw new UsageError(whatMayBeLost(ids));
    if (!named && args["forget-promises"])
      throw new UsageError("--forget-promises is for single acceptors: name their ids");
    await refuseWhileRunning(settings, record, ids, args, terminal);
    return named ? forget(settings, ids, terminal) : wipe(settings, ids, terminal);
  },
};

function whatMayBeLost(ids: readonly number[]): string {
  const [one] = ids;
  return (
    `an acceptor that is wiped alone forgets what it promised and accepted, so that a value which was chosen can be ` +
    `lost and another one chosen. To do it all the same: synod acceptor reset ${ids.join(" ")} --forget-promises; ` +
    `to keep what server ${one} knows, leave it; to begin anew, reset the whole pool: synod acceptor reset`
  );
}

/** One that runs would go on from what it remembers, and its folder would say otherwise. */
async function refuseWhileRunning(
  settings: PoolSettings,
  { poolId }: PoolRecord,
  ids: readonly number[],
  args: Arguments,
  terminal: Terminal,
): Promise<void> {
  const answering = await withServers(settings, ids, args["timeout"] as number, terminal, async (clients) => {
    await askAll(clients, (client) => client.state(1, { signal: terminal.interrupted }), terminal);
    return [...clients].flatMap(([id, { identity }]) => (identity?.poolId === poolId ? [id] : []));
  });
  const running = ids.filter((id) => answering.includes(id) || runningAcceptor(settings.folder, id) !== null);
  if (running.length === 0) return;
  const names = running.join(" ");
  const message = `still running: ${names}. Stop them first: synod acceptor down ${names}`;
  throw new CommandFailure(ExitCode.failure, "still-running", message);
}

function wipe({ folder }: PoolSettings, ids: readonly number[], terminal: Terminal): Result {
  const wiped = withFolder(() => folder.setAside());
  // One that was started meanwhile has its pid file there by now, or will find its folder gone when it makes one.
  if (ids.some((id) => runningAcceptor(wiped.folder, id) !== null)) {
    withFolder(() => wiped.putBack());
    throw new CommandFailure(ExitCode.failure, "still-running", "an acceptor was started meanwhile: stop it first");
  }
  withFolder(() => wiped.remove());
  terminal.line(`the pool in ${folder.path} is wiped: its ${ids.length} acceptors forget everything`);
  return { exitCode: ExitCode.done, document: { reset: ids, warnings: terminal.warnings } };
}

function forget({ folder }: PoolSettings, ids: readonly number[], terminal: Terminal): Result {
  for (const id of ids) {
    const words = withFolder(() => folder.wipe(id))
      ? "wiped; it remembers no promise and no acceptance"
      : "had no state";
    terminal.line(`acceptor ${id}: ${words}`);
  }
  terminal.warn("a value that was chosen may be lost now: `synod explain` no longer sees what these acceptors knew");
  return { exitCode: ExitCode.done, document: { reset: ids, warnings: terminal.warnings } };
}
