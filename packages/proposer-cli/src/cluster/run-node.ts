import { removePidFile, writePidFile } from "@synod/acceptor-server/pid-file";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { endGracefully, type GracefulEnd } from "../terminal/graceful-end.js";
import type { ServerLog } from "../terminal/server-log.js";
import type { Terminal } from "../terminal/terminal.js";
import { compileSooner } from "./compile-sooner.js";
import { runningNode } from "./node-process.js";
import { clusterOperator } from "./operator.js";
import { type ClusterSettings, type Node, withClusterFolder } from "./settings.js";

/**
 * Runs a node of a cluster in this process, which ends when the node is asked to stop by a signal.
 *
 * @returns what ends it otherwise
 * @throws {CommandFailure} if it does not start, or runs already
 */
export async function runNodeHere(
  settings: ClusterSettings,
  node: Node,
  log: ServerLog,
  terminal: Terminal,
): Promise<GracefulEnd> {
  const files = settings.folder.node(node.name);
  refuseTwice(settings, node);
  withClusterFolder(() => settings.folder.refuseLost(node));
  // Loaded here, so that no other command pays for it.
  const [{ startNode, OperationFailed }, { pino }] = await Promise.all([
    import("@synod/replica-server"),
    import("pino"),
  ]);
  const logger = pino({ level: log.level, base: { node: node.name } }, log);
  let running: { close(): Promise<void> } | null = null;
  const end = await endGracefully(terminal, logger, async () => {
    await running?.close();
    removePidFile(files.pidFile);
  });
  try {
    const { topology, clusterId, secret } = settings;
    const told = secret === undefined ? {} : { secret };
    const operator = clusterOperator(settings, node, OperationFailed);
    const { folder } = files;
    running = await startNode({ topology, node: node.name, clusterId, folder, logger, operator, ...told });
  } catch (error) {
    end.cancel();
    if (isKnown(error)) throw couldNotStart(error);
    throw error;
  }
  settings.folder.markMade(node.name);
  const [first] = node.roles;
  if (first) writePidFile(files.pidFile, first.address);
  // Not before: what starting runs is not run again.
  compileSooner();
  return end;
}

/** A second process of a node would find its ports taken, but not say by whom. */
function refuseTwice(settings: ClusterSettings, node: Node): void {
  const other = runningNode(settings, node);
  if (other === null) return;
  const message = `${node.name} runs already: it is process ${other.pid}. To stop it: synod cluster stop`;
  throw new CommandFailure(ExitCode.failure, "already-running", message);
}

/** Errors of starting whose message says all there is to say. */
const KNOWN = new Set(["CannotStart", "JournalError", "StoreRefused"]);

function isKnown(error: unknown): error is Error {
  return error instanceof Error && KNOWN.has(error.name);
}

function couldNotStart(error: Error): CommandFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : "cannot-start";
  return new CommandFailure(ExitCode.failure, code, error.message, { cause: error });
}
