import type { ServerProcess } from "@synod/acceptor-server/pid-file";
import { formatAddress } from "@synod/api";
import { NoAnswer } from "@synod/client";
import { type BackgroundServer, bringUpInBackground, runningProcess, type ServerUp } from "../background-process.js";
import { exchange } from "../http-exchange.js";
import { programFile } from "../program-file.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { ClusterSettings, Node } from "./settings.js";

/** How long one look may take, in milliseconds. */
const ONE_LOOK_MS = 1000;

/** The process of this node; null if none runs, whatever its pid file says. */
export function runningNode({ folder }: Pick<ClusterSettings, "folder">, { name }: Node): ServerProcess | null {
  return runningProcess(folder.node(name).pidFile);
}

/**
 * Sees to it that a node runs in the background, and waits until all its roles answer.
 *
 * @throws {CommandFailure} with what it said, if it ends before that, or does not answer in time
 */
export async function bringUpNode(
  settings: ClusterSettings,
  node: Node,
  withinMs: number,
  interrupted: AbortSignal,
): Promise<ServerUp> {
  const up = await bringUpInBackground(inBackground(settings, node), withinMs, interrupted);
  if (typeof up !== "string") return up;
  throw new CommandFailure(ExitCode.failure, "not-started", `${node.name} is not up: ${up}`);
}

function inBackground(settings: ClusterSettings, node: Node): BackgroundServer {
  const { folder, secret } = settings;
  const words = ["cluster", "run-node", node.name, "--cluster", folder.name, "--home", folder.home];
  return {
    commandLine: [programFile("synod"), ...words],
    program: "synod",
    ...folder.node(node.name),
    secret,
    isReady: (_process, signal) => answersInAllRoles(settings, node, signal),
  };
}

async function answersInAllRoles(settings: ClusterSettings, node: Node, signal: AbortSignal): Promise<boolean> {
  const answers = await Promise.all(node.roles.map(({ address }) => clusterAt(settings, address, signal)));
  return answers.every((cluster) => cluster === settings.clusterId);
}

/** The cluster of the server that answers at this address; null if none does, or it does not say. */
export async function clusterAt(
  { secret }: Pick<ClusterSettings, "secret">,
  address: Node["roles"][number]["address"],
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { status, body } = await exchange(address, { path: "/health", timeoutMs: ONE_LOOK_MS, signal, secret });
    const cluster = status === 200 ? (body as { cluster?: unknown } | null)?.cluster : null;
    return typeof cluster === "string" ? cluster : null;
  } catch (error) {
    if (error instanceof NoAnswer) return null;
    throw error;
  }
}

/** Where a node is: `at http://127.0.0.1:5001`; if it is more than its name says, all that it is. */
export function placesOf({ name, roles }: Node): string {
  const place = ({ address }: Node["roles"][number]) => `http://${formatAddress(address)}`;
  const [only, ...others] = roles;
  if (only && others.length === 0 && (only.name === name || only.role === name)) return `at ${place(only)}`;
  return `as ${roles.map((one) => `${one.name} at ${place(one)}`).join(", ")}`;
}
