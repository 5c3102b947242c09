import type { Vote, VoteRefusal } from "@synod/consensus";
import { askEach, hearersGiven, nobodyAnswers, RAFT_OPTIONS, raftCluster, TO_OPTION } from "../raft/raft-servers.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { name, wholeNumber } from "../terminal/option-values.js";

const MOST = Number.MAX_SAFE_INTEGER;

export const raftRequestVote: Command = {
  usage: "raft request-vote",
  summary: "Ask servers of Raft for their vote, by hand, and show what each answers; on a cluster with chaos",
  examples: [
    ["synod raft request-vote --to 2 --term 9 --pre-vote", "would raft2 vote for somebody without a log?"],
    [
      "synod raft request-vote --to 2 3 --term 9 --candidate me --last-index 100 --last-term 8 --transfer",
      "call an election, as one whom the leader told to: no leader is heard in term 9 until somebody is elected",
    ],
    ["synod raft request-vote --to 2 --term 9 --candidate other --transfer", "ask for a second vote, and be refused"],
  ],
  options: {
    ...TO_OPTION,
    term: {
      type: "string",
      demandOption: true,
      describe: "The term that the candidate stands in",
      // The last term is for nobody: all servers would have to follow it, and none could stand after it.
      coerce: wholeNumber("--term", 0, MOST - 1),
    },
    candidate: {
      type: "string",
      default: "person",
      describe: "Who stands: the name of a server, or any other",
      coerce: name("--candidate"),
    },
    "last-index": {
      type: "string",
      default: "0",
      describe: "The last entry of the candidate's log",
      coerce: wholeNumber("--last-index", 0, MOST),
    },
    "last-term": {
      type: "string",
      default: "0",
      describe: "The term of that entry",
      coerce: wholeNumber("--last-term", 0, MOST),
    },
    "pre-vote": { type: "boolean", default: false, describe: "Ask only whether they would: nothing changes for that" },
    transfer: {
      type: "boolean",
      default: false,
      describe: "As one whom the leader told to stand: who hears a leader votes, too",
    },
    ...RAFT_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = raftCluster(args, terminal);
    const servers = hearersGiven(settings, args);
    const { term, candidate, transfer } = args as { term: number; candidate: string; transfer: boolean };
    const preVote = args["pre-vote"] === true;
    const asked = { term, candidate, lastIndex: args["last-index"], lastTerm: args["last-term"], preVote, transfer };
    const body = { type: "request-vote", ...asked };
    const call = { method: "POST", path: "/raft/request-vote", body, timeoutMs: args["timeout"] as number } as const;
    const answers = await askEach<Vote>(settings, servers, call, terminal);
    for (const answer of answers) {
      const words = "reply" in answer ? voteInWords(answer.reply, candidate) : `no answer (${answer.noAnswer.message})`;
      terminal.line(`${answer.server}: ${legible(words)}`);
    }
    const replies = answers.flatMap((answer) => ("reply" in answer ? [answer.reply] : []));
    if (replies.length === 0) throw nobodyAnswers(servers, answers);
    const grantedBy = replies.filter(({ refusal }) => refusal === null).map(({ voter }) => voter);
    const document = { asked, answers, grantedBy, warnings: terminal.warnings };
    return { exitCode: grantedBy.length > 0 ? ExitCode.done : ExitCode.noConsensus, document };
  },
};

const WHY: Readonly<Record<VoteRefusal, string>> = {
  "old-term": "it knows a later term",
  voted: "it gave its vote of this term to another",
  "log-behind": "its log has what the candidate's lacks (--last-index and --last-term say how far that is)",
  "hears-leader": "it hears a leader (--transfer says that the leader itself wants it)",
};

/** Why a vote was given or refused. */
function voteInWords({ term, preVote, refusal }: Vote, candidate: string): string {
  if (refusal !== null) return `refuses (${refusal}): ${WHY[refusal]}; it is in term ${term}`;
  return preVote ? `would vote for ${candidate} in term ${term}` : `votes for ${candidate} in term ${term}`;
}
