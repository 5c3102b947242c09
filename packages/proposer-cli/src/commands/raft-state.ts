import type { RaftStateReply } from "@synod/api";
import { askEach, nobodyAnswers, RAFT_OPTIONS, raftCluster, serversGiven } from "../raft/raft-servers.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";

export const raftState: Command = {
  usage: "raft state [servers..]",
  summary: "Print term, vote, members and the end of the log of servers of Raft, as JSON for jq",
  examples: [
    ["synod raft state", "of all that answer"],
    ["synod raft state 2 | jq .raft2.voted_for", "whom raft2 voted for in its term"],
    ["synod raft state --entries 3 | jq '.[].entries'", "the last three entries of each log"],
  ],
  positionals: {
    servers: { type: "string", array: true, describe: "Servers by name or number (default: all)" },
  },
  options: {
    entries: {
      type: "string",
      default: "10",
      describe: "How many of the last entries of the log, 0..1000",
      coerce: wholeNumber("--entries", 0, 1000),
    },
    ...RAFT_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = raftCluster(args, terminal);
    const servers = serversGiven(settings, args["servers"] as string[] | undefined);
    const call = { path: `/raft/state?entries=${args["entries"]}`, timeoutMs: args["timeout"] as number };
    const answers = await askEach<RaftStateReply>(settings, servers, call, terminal);
    const state: Record<string, RaftStateReply> = {};
    for (const answer of answers) {
      if ("reply" in answer) state[answer.server] = answer.reply;
      else terminal.note(`${answer.server}: ${answer.noAnswer.message}`);
    }
    if (Object.keys(state).length === 0) throw nobodyAnswers(servers, answers);
    terminal.data(`${JSON.stringify(state, null, 2)}\n`);
    return { exitCode: ExitCode.done };
  },
};
