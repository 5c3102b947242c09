import { doneWith, type NodeDeed } from "../cluster/deeds.js";
import {
  type FaultCalls,
  faultsOfAll,
  inject,
  type NodeFault,
  ofThoseUp,
  takeBack,
} from "../cluster/fault-exchange.js";
import { CLUSTER_OPTIONS, clusterSettings, type Node, nodesNamed } from "../cluster/settings.js";
import { TIMEOUT_OPTION } from "../pool-settings.js";
import type { Arguments, Command } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

const LINK_POSITIONAL = {
  nodes: {
    type: "string",
    array: true,
    describe: "Two nodes by name, for both directions; or one direction as 'acceptor1>proposer1', in quotes",
  },
} as const;

/** One direction of a link. */
interface Link {
  readonly from: Node;
  readonly to: Node;
}

export const clusterCut: Command = {
  usage: "cluster cut <nodes..>",
  summary: "Cut the link between two nodes: nothing gets through, until it is healed or --for is over",
  examples: [
    ["synod cluster cut acceptor1 proposer1", "both directions"],
    ["synod cluster cut 'acceptor1>proposer1' --for 5s", "what acceptor1 sends and answers, for five seconds"],
  ],
  positionals: LINK_POSITIONAL,
  options: {
    for: {
      type: "string",
      describe: "How long, such as 5s (default: until synod cluster heal)",
      coerce: duration("--for"),
    },
    ...TIMEOUT_OPTION,
    ...CLUSTER_OPTIONS,
  },
  run: async (args, terminal) => {
    const calls = faultCalls(args, terminal);
    const links = linksGiven(args, calls);
    const span = args["for"] === undefined ? "" : ` for ${args["for"]}ms`;
    const cut = async (from: Node): Promise<NodeDeed> => {
      const to = links.find((link) => link.from === from)?.to.name;
      await inject(calls, from, `cut ${from.name}>${to}${span}`);
      return { node: from.name, done: "cut", words: `nothing gets through to ${to}${span}` };
    };
    const deeds = await ofThoseUp(
      calls,
      links.map(({ from }) => from),
      cut,
    );
    for (const { node, words } of deeds) terminal.line(`${node}: ${words}`);
    return doneWith(deeds, terminal);
  },
};

export const clusterHeal: Command = {
  usage: "cluster heal [nodes..]",
  summary: "Take back all faults of a cluster; with two nodes, the cut between them",
  examples: [
    ["synod cluster heal", "nothing is wrong any more, but nodes that are down stay down"],
    ["synod cluster heal acceptor1 proposer1", "the link between these two"],
  ],
  positionals: LINK_POSITIONAL,
  options: { ...TIMEOUT_OPTION, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const calls = faultCalls(args, terminal);
    const isForAll = ((args["nodes"] as string[] | undefined) ?? []).length === 0;
    const deeds = isForAll ? await healAll(calls) : await healLinks(calls, linksGiven(args, calls));
    for (const { node, words } of deeds) terminal.line(`${node}: ${words}`);
    return doneWith(deeds, terminal);
  },
};

/** What a command needs that speaks to nodes about their faults. */
export function faultCalls(args: Arguments, terminal: Terminal): FaultCalls {
  return { settings: clusterSettings(args, terminal), timeoutMs: args["timeout"] as number, terminal };
}

function healAll(calls: FaultCalls): Promise<NodeDeed[]> {
  return ofThoseUp(calls, calls.settings.topology.nodes, async (node) => {
    await takeBack(calls, node);
    return { node: node.name, done: "healed", words: "no faults" };
  });
}

async function healLinks(calls: FaultCalls, links: readonly Link[]): Promise<NodeDeed[]> {
  const nodes = [...new Set(links.map(({ from }) => from))];
  const faults = await faultsOfAll(calls, nodes);
  const found = links.flatMap(({ from, to }) =>
    faults
      .filter((fault) => fault.node === from.name && isCutOf(fault, from.name, to.name))
      .map((fault) => ({ from, to, fault })),
  );
  if (found.length === 0) {
    const others = faults.length === 0 ? "" : `; there is: ${faults.map(({ text }) => text).join("; ")}`;
    const names = links.map(({ from, to }) => `${from.name}>${to.name}`).join(", ");
    throw new CommandFailure(ExitCode.notFound, "not-cut", `nothing is cut there (${names})${others}`);
  }
  return Promise.all(
    found.map(async ({ from, to, fault }) => {
      await takeBack(calls, from, fault.id);
      return { node: from.name, done: "healed", words: `messages to ${to.name} get through again` };
    }),
  );
}

/** Whether this is a cut of this very link and of no other. */
function isCutOf({ text }: NodeFault, from: string, to: string): boolean {
  const match = /^cut\s+(\S+?)\s*(<?>)\s*(\S+)/i.exec(text);
  if (!match) return false;
  const [, one, arrow, other] = match;
  return (one === from && other === to) || (arrow === "<>" && one === to && other === from);
}

/** @throws {UsageError} if these words name no link of the cluster */
function linksGiven(args: Arguments, { settings }: FaultCalls): Link[] {
  const words = ((args["nodes"] as string[] | undefined) ?? []).map(String);
  const [text = ""] = words;
  const arrow = words.length === 1 ? /^(.+?)(<?>)(.+)$/.exec(text) : null;
  const names = arrow ? [arrow[1] ?? "", arrow[3] ?? ""] : words;
  if (names.length !== 2) {
    throw new UsageError(
      "name two nodes, such as acceptor1 proposer1, or one direction in quotes: 'acceptor1>proposer1'",
    );
  }
  const [from, to] = nodesNamed(settings.topology, names);
  if (!from || !to) throw new UsageError(`no link leads from ${names[0]} to itself`);
  const isOneWay = arrow?.[2] === ">";
  return isOneWay
    ? [{ from, to }]
    : [
        { from, to },
        { from: to, to: from },
      ];
}
