import { setTimeout as delay } from "node:timers/promises";
import { NODES_POSITIONAL, namesGiven } from "../cluster/deeds.js";
import { LogTail, lastLines } from "../cluster/log-files.js";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterSettings, type Node, nodesNamed } from "../cluster/settings.js";
import type { Command, Result } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** How often --follow looks, in milliseconds. */
const LOOK_EVERY_MS = 200;

export const clusterLogs: Command = {
  usage: "cluster logs [nodes..]",
  summary: "Print what nodes logged: what they said when they started, and the last lines of their logs",
  examples: [
    ["synod cluster logs proposer1", "the log of one node, a JSON object a line, for pino-pretty or jq"],
    ["synod cluster logs --follow", "what all of them log from now on, until Ctrl-C"],
  ],
  positionals: NODES_POSITIONAL,
  options: {
    follow: {
      type: "boolean",
      default: false,
      alias: "f",
      describe: "Go on with what is logged from now on, until Ctrl-C",
    },
    lines: {
      type: "string",
      default: "20",
      describe: "How many lines of each log",
      coerce: wholeNumber("--lines", 0, 1_000_000),
    },
    ...CLUSTER_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = clusterSettings(args, terminal);
    const nodes = nodesNamed(settings.topology, namesGiven(args));
    const tails = filesOf(settings, nodes).map((one) => ({ ...one, tail: new LogTail(one.file) }));
    // Where each file ends now, before its end is printed: no line is missed, none is told twice.
    for (const { tail } of tails) tail.beginBeforeEnd(0);
    const print = printer(nodes.length > 1, terminal);
    for (const { node, file } of filesOf(settings, nodes)) {
      for (const line of lastLines(file, args["lines"] as number)) print(node, line);
    }
    if (args["follow"]) return follow(tails, print, terminal);
    return { exitCode: ExitCode.done };
  },
};

/** The files of each node that hold its words: those for people before the log. */
function filesOf({ folder }: ClusterSettings, nodes: readonly Node[]): { node: string; file: string }[] {
  return nodes.flatMap(({ name }) => {
    const { notesFile, logFile } = folder.node(name);
    return [notesFile, logFile].map((file) => ({ node: name, file }));
  });
}

/** Prints lines as they stand; of several nodes, with the name of each; with --json as an object a line. */
function printer(areSeveral: boolean, terminal: Terminal): (node: string, line: string) => void {
  return (node, line) => {
    if (terminal.json) terminal.data(`${JSON.stringify({ node, line })}\n`);
    else terminal.line(areSeveral ? `${node} | ${line}` : line);
  };
}

async function follow(
  tails: readonly { node: string; tail: LogTail }[],
  print: (node: string, line: string) => void,
  { interrupted, outputClosed }: Terminal,
): Promise<Result> {
  const end = AbortSignal.any([interrupted, outputClosed]);
  while (!end.aborted) {
    for (const { node, tail } of tails) for (const line of tail.newLines()) print(node, line);
    // An abort ends the pause early, and the loop with it.
    await delay(LOOK_EVERY_MS, undefined, { signal: end }).catch(() => {});
  }
  interrupted.throwIfAborted();
  return { exitCode: ExitCode.done };
}
