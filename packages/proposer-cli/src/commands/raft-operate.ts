import { untilServing } from "../cluster/start-nodes.js";
import { operate } from "../raft/operate.js";
import { RAFT_OPTIONS, raftCluster, SERVER_POSITIONAL, serverGiven } from "../raft/raft-servers.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { duration } from "../terminal/option-values.js";

const OPTIONS = {
  ...RAFT_OPTIONS,
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long it may take: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
} as const;

export const raftTransfer: Command = {
  usage: "raft transfer <server>",
  summary: "Hand the lead of a cluster on Raft over to a server, as before its node is stopped for a while",
  examples: [["synod raft transfer 2", "raft2 leads, if it has all of the log; exit 4 if that was not to be"]],
  positionals: SERVER_POSITIONAL,
  options: OPTIONS,
  run: async (args, terminal) => {
    const settings = raftCluster(args, terminal);
    const { name: to } = serverGiven(settings, args["server"]);
    const timeoutMs = args["timeout"] as number;
    const from = await operate(settings, { type: "transfer-leadership", to }, timeoutMs, terminal);
    const { leader, term } = await untilServing(settings, timeoutMs, terminal.interrupted);
    terminal.line(leader === null ? `${from} leads no more, and nobody leads yet` : `${leader} leads in term ${term}`);
    const document = { from, to, leader, term: term ?? null, warnings: terminal.warnings };
    return { exitCode: leader === to ? ExitCode.done : ExitCode.noConsensus, document };
  },
};

export const raftMember: Command = {
  usage: "raft member <change> <server>",
  summary: "Add a server to the members of a cluster on Raft that vote, or remove one; one at a time",
  examples: [
    ["synod raft member remove 5", "raft5 votes no more; its process goes on until its node is stopped"],
    ["synod raft member add 5", "it gets the log first, and then its vote"],
  ],
  positionals: {
    change: { choices: ["add", "remove"], describe: "What to do" },
    ...SERVER_POSITIONAL,
  },
  options: OPTIONS,
  run: async (args, terminal) => {
    const settings = raftCluster(args, terminal);
    const { name: server } = serverGiven(settings, args["server"]);
    const change = args["change"] as "add" | "remove";
    const timeoutMs = args["timeout"] as number;
    const leader = await operate(settings, { type: "change-membership", change, server }, timeoutMs, terminal);
    terminal.line(change === "add" ? `${server} votes now` : `${server} votes no more`);
    return { exitCode: ExitCode.done, document: { change, server, leader, warnings: terminal.warnings } };
  },
};
