import { removePidFile, writePidFile } from "@synod/acceptor-server/pid-file";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { CRASH_SIGNALS } from "./crash-signals.js";
import { runningNode } from "./node-process.js";
import { clusterOperator } from "./operator.js";
import { type ClusterSettings, type Node, withClusterFolder } from "./settings.js";

/** How long a node that is asked to stop may take to finish what is under way, in milliseconds. */
const STOP_WITHIN_MS = 5000;

/** The option that says how much of a node's log there is. */
export const LOG_LEVEL_OPTION = {
  "log-level": {
    choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    default: "info",
    describe: "The least level that is logged, as JSON lines",
  },
} as const;

/** Where a node's log goes, line by line. */
export interface Log {
  readonly level: string;
  write(line: string): void;
}

/** A node that runs in this process. */
export interface RunningNode {
  /** Lets the node finish what is under way, and ends the process: it does not return. */
  stop(): Promise<never>;
}

/**
 * Runs a node of a cluster in this process, which ends when the node is asked to stop by a signal.
 *
 * @throws {CommandFailure} if it does not start, or runs already
 */
export async function runNodeHere(
  settings: ClusterSettings,
  node: Node,
  log: Log,
  terminal: Terminal,
): Promise<RunningNode> {
  const files = settings.folder.node(node.name);
  refuseTwice(settings, node);
  withClusterFolder(() => settings.folder.refuseLost(node));
  // Loaded here, so that no other command pays for it.
  const [{ startNode, OperationFailed }, { pino }, { default: closeWithGrace }] = await Promise.all([
    import("@synod/replica-server"),
    import("pino"),
    import("close-with-grace"),
  ]);
  const logger = pino({ level: log.level, base: { node: node.name } }, log);
  // So far signals only ended this; from here on they stop the node.
  terminal.interrupted.throwIfAborted();
  let running: { close(): Promise<void> } | null = null;
  // Before the node listens: whoever can reach it may also ask it to stop.
  const grace = { delay: STOP_WITHIN_MS, logger: false as const, skip: [...CRASH_SIGNALS] };
  const stopping = closeWithGrace(grace, async ({ err, signal }) => {
    logger.info({ signal }, "stopping");
    if (err) terminal.note(err.stack ?? err.message);
    await running?.close();
    removePidFile(files.pidFile);
    if (signal === "SIGINT") process.exit(ExitCode.interrupted);
    // The terminal is gone: Node would look for it once more at its end, and fail.
    if (signal === "SIGHUP") process.kill(process.pid, "SIGKILL");
  });
  try {
    const { topology, clusterId, secret } = settings;
    const told = secret === undefined ? {} : { secret };
    const operator = clusterOperator(settings, node, OperationFailed);
    const { folder } = files;
    running = await startNode({ topology, node: node.name, clusterId, folder, logger, operator, ...told });
  } catch (error) {
    stopping.uninstall();
    if (isKnown(error)) throw couldNotStart(error);
    throw error;
  }
  settings.folder.markMade(node.name);
  const [first] = node.roles;
  if (first) writePidFile(files.pidFile, first.address);
  return {
    stop: () => {
      stopping.close();
      return new Promise(() => {});
    },
  };
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
