import { NoAnswer } from "@synod/client";
import { type Call, exchange, problemIn } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ClusterSettings, Node } from "./settings.js";

/** A fault that a node has, as it tells of it. */
export interface NodeFault {
  readonly node: string;
  readonly id: number | string;
  /** In the words of docs/faults.md. */
  readonly text: string;
  /** Null: until it is healed. */
  readonly endsInMs: number | null;
}

/** How a command speaks to the nodes of a cluster about their faults. */
export interface FaultCalls {
  readonly settings: ClusterSettings;
  readonly timeoutMs: number;
  readonly terminal: Terminal;
}

/** Tells a node what shall go wrong with it. @returns the ids of the faults */
export async function inject(calls: FaultCalls, node: Node, faults: string): Promise<(number | string)[]> {
  const answer = await ask(calls, node, { method: "POST", path: "/faults", body: { faults } });
  return (answer as { ids?: (number | string)[] } | undefined)?.ids ?? [];
}

/** Takes a fault of a node back; without an id, all of them. */
export async function takeBack(calls: FaultCalls, node: Node, id?: number | string): Promise<void> {
  const query = id === undefined ? "" : `?id=${encodeURIComponent(id)}`;
  await ask(calls, node, { method: "DELETE", path: `/faults${query}` });
}

/** What is wrong with a node on purpose. */
async function faultsAt(calls: FaultCalls, node: Node): Promise<NodeFault[]> {
  const answer = (await ask(calls, node, { path: "/faults" })) as { faults?: Omit<NodeFault, "node">[] } | undefined;
  return (answer?.faults ?? []).map(({ id, text, endsInMs }) => ({ node: node.name, id, text, endsInMs }));
}

/** The same of several nodes; one that is down has no faults, and is told of. */
export async function faultsOfAll(calls: FaultCalls, nodes: readonly Node[]): Promise<NodeFault[]> {
  return (await ofThoseUp(calls, nodes, (node) => faultsAt(calls, node))).flat();
}

/** Does something with every node that answers; those that do not are told of. @throws {CommandFailure} if none does */
export async function ofThoseUp<T>(
  { terminal }: FaultCalls,
  nodes: readonly Node[],
  act: (node: Node) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(nodes.map(act));
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const silent = failures.filter(
    (failure) => failure instanceof CommandFailure && failure.exitCode === ExitCode.nobodyReachable,
  );
  if (silent.length < failures.length || silent.length === nodes.length) {
    throw failures.find((failure) => !silent.includes(failure)) ?? failures[0];
  }
  for (const failure of silent) terminal.warn((failure as CommandFailure).message);
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

/** All roles of a node have their faults in common: any of its servers will do. */
async function ask(
  { settings, timeoutMs, terminal }: FaultCalls,
  { name, roles }: Node,
  call: Pick<Call, "method" | "path" | "body">,
): Promise<unknown> {
  const { clusterId, secret } = settings;
  const [server] = roles;
  if (!server) throw new Error(`${name} has no role`);
  const headers = { "synod-cluster": clusterId };
  try {
    const { status, body } = await exchange(server.address, {
      ...call,
      ...{ headers, timeoutMs, secret, signal: terminal.interrupted },
    });
    if (status < 300) return body;
    const problem = problemIn(body);
    const [code, detail] = [problem?.code ?? "failure", problem?.detail ?? `it answers with HTTP status ${status}`];
    throw new CommandFailure(ExitCode.failure, code, `${name} refuses: ${detail}`);
  } catch (error) {
    terminal.interrupted.throwIfAborted();
    if (!(error instanceof NoAnswer)) throw error;
    throw new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", `${name}: ${error.message}`);
  }
}
