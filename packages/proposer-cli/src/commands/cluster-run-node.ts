import { writeSync } from "node:fs";
import { removePidFile, writePidFile } from "@synod/acceptor-server/pid-file";
import { placesOf, runningNode } from "../cluster/node-process.js";
import { clusterOperator } from "../cluster/operator.js";
import {
  CLUSTER_OPTIONS,
  type ClusterSettings,
  clusterSettings,
  type Node,
  nodesNamed,
  withClusterFolder,
} from "../cluster/settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

/** How long a node that is asked to stop may take to finish what is under way, in milliseconds. */
const STOP_WITHIN_MS = 5000;

/** The log goes to stdout, line by line, and nowhere if that fails: a full disk must not stop a node. */
const LOG = {
  write(line: string): void {
    try {
      writeSync(process.stdout.fd, line);
    } catch {
      // There is no place left to say that there is no place left.
    }
  },
};

export const clusterRunNode: Command = {
  usage: "cluster run-node <node>",
  summary: "Run one node of a cluster in the foreground, until Ctrl-C; cluster start runs it in the background",
  examples: [["synod cluster run-node acceptor1", "the node of this name, of the cluster that was started here"]],
  positionals: { node: { type: "string", describe: "The node by name, as the topology calls it" } },
  options: {
    "log-level": {
      choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
      default: "info",
      describe: "The least level that is logged, as JSON lines on stdout",
    },
    ...CLUSTER_OPTIONS,
  },
  run: runNode,
};

async function runNode(args: Arguments, terminal: Terminal): Promise<Result> {
  const settings = clusterSettings(args, terminal);
  const [node] = nodesNamed(settings.topology, [String(args["node"])]);
  if (!node) throw new CommandFailure(ExitCode.usage, "usage", "name a node");
  const files = settings.folder.node(node.name);
  refuseTwice(settings, node);
  withClusterFolder(() => settings.folder.refuseLost(node));
  // Loaded here, so that no other command pays for it.
  const [{ startNode, OperationFailed }, { pino }, { default: closeWithGrace }] = await Promise.all([
    import("@synod/replica-server"),
    import("pino"),
    import("close-with-grace"),
  ]);
  const logger = pino({ level: args["log-level"] as string, base: { node: node.name } }, LOG);
  let running: { close(): Promise<void> } | null = null;
  // Before the node listens: whoever can reach it may also ask it to stop.
  const stopping = closeWithGrace({ delay: STOP_WITHIN_MS, logger: false }, async ({ err, signal }) => {
    logger.info({ signal }, "stopping");
    if (err) terminal.note(err.stack ?? err.message);
    await running?.close();
    removePidFile(files.pidFile);
    if (signal === "SIGINT") process.exit(ExitCode.interrupted);
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
  terminal.note(
    `${node.name} of the cluster ${settings.topology.name} listens on ${placesOf(node).replace(/^(at|as) /, "")}`,
  );
  // From here on signals end the process, when the node has finished.
  return new Promise(() => {});
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
