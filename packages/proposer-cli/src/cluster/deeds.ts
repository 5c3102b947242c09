import type { PositionalOptions } from "yargs";
import type { Arguments, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import type { Node } from "./settings.js";

/** What the commands that do something with nodes have in common. */

export const NODES_POSITIONAL = {
  nodes: { type: "string", array: true, describe: "Nodes by name, as the topology calls them" },
} as const satisfies Record<string, PositionalOptions>;

/** The names of nodes that were given. */
export function namesGiven(args: Arguments): string[] {
  return ((args["nodes"] as string[] | undefined) ?? []).map(String);
}

/** What was done with one node. */
export interface NodeDeed {
  readonly node: string;
  /** Stable, for programs. */
  readonly done: string;
  /** The same for people. */
  readonly words: string;
  readonly pid?: number;
  readonly notes?: readonly string[];
}

/**
 * Does something with several nodes at once and tells of each in the order given.
 *
 * @throws {CommandFailure} if it failed with some of them, when all are done
 */
export async function withEach(
  nodes: readonly Node[],
  act: (node: Node) => Promise<NodeDeed>,
  terminal: Terminal,
): Promise<NodeDeed[]> {
  const results = await Promise.allSettled(nodes.map(act));
  const deeds: NodeDeed[] = [];
  const failures: unknown[] = [];
  for (const result of results) {
    if (result.status === "rejected") failures.push(result.reason);
    else {
      deeds.push(result.value);
      terminal.line(`${result.value.node}: ${result.value.words}`);
    }
  }
  const known = failures.filter((failure) => failure instanceof CommandFailure);
  if (known.length < failures.length) throw failures.find((failure) => !(failure instanceof CommandFailure));
  const [first] = known;
  if (first) throw new CommandFailure(first.exitCode, first.code, known.map(({ message }) => message).join("\n"));
  return deeds;
}

/** How a command ends that did something with each of several nodes. */
export function doneWith(nodes: readonly NodeDeed[], terminal: Terminal): Result {
  return { exitCode: ExitCode.done, document: { nodes, warnings: terminal.warnings } };
}
