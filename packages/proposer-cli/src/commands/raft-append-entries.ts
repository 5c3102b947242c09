import type { Appended } from "@synod/consensus";
import { askEach, hearersGiven, nobodyAnswers, RAFT_OPTIONS, raftCluster, TO_OPTION } from "../raft/raft-servers.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { name, wholeNumber } from "../terminal/option-values.js";

const MOST = Number.MAX_SAFE_INTEGER;

const index = (flag: string, describe: string) =>
  ({ type: "string", default: "0", describe, coerce: wholeNumber(flag, 0, MOST) }) as const;

export const raftAppendEntries: Command = {
  usage: "raft append-entries",
  summary:
    "Send servers of Raft entries as their leader would, by hand, and show what each answers; on a cluster with chaos. " +
    "Who plays a leader can undo what was acknowledged",
  examples: [
    ["synod raft append-entries --to 2 --term 1", "an old leader's heartbeat: refused, with the term that it missed"],
    [
      "synod raft append-entries --to 2 --term 9 --leader me --previous-index 7 --previous-term 8 --value '\"x\"'",
      "an entry behind entry 7, if that is of term 8 there",
    ],
  ],
  options: {
    ...TO_OPTION,
    term: {
      type: "string",
      demandOption: true,
      describe: "The term that the sender leads",
      coerce: wholeNumber("--term", 0, MOST - 1),
    },
    leader: { type: "string", default: "person", describe: "Who leads", coerce: name("--leader") },
    "previous-index": index("--previous-index", "The entry before the first one that is sent"),
    "previous-term": index("--previous-term", "The term of that entry"),
    value: {
      type: "array",
      string: true,
      default: [],
      describe: "The value of an entry, of this term; several in their order; none is a heartbeat",
    },
    "commit-index": index("--commit-index", "Everything up to here is committed, says the sender"),
    ...RAFT_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = raftCluster(args, terminal);
    const servers = hearersGiven(settings, args);
    const { term, leader, value: values } = args as { term: number; leader: string; value: string[] };
    const asked = {
      ...{ term, leader, previousIndex: args["previous-index"], previousTerm: args["previous-term"] },
      entries: values.map((value) => ({ term, value: String(value) })),
      commitIndex: args["commit-index"],
    };
    const body = { type: "append-entries", ...asked, sequence: 0 };
    const call = { method: "POST", path: "/raft/append-entries", body, timeoutMs: args["timeout"] as number } as const;
    const answers = await askEach<Appended>(settings, servers, call, terminal);
    for (const answer of answers) {
      const words = "reply" in answer ? inWords(answer.reply, term) : silenceInWords(answer.noAnswer, term);
      terminal.line(`${answer.server}: ${words}`);
    }
    const replies = answers.flatMap((answer) => ("reply" in answer ? [answer.reply] : []));
    if (replies.length === 0) throw nobodyAnswers(servers, answers);
    const takenBy = replies.filter(({ matchIndex }) => matchIndex !== null).map(({ follower }) => follower);
    const document = { asked, answers, takenBy, warnings: terminal.warnings };
    return { exitCode: takenBy.length > 0 ? ExitCode.done : ExitCode.noConsensus, document };
  },
};

/** A term has one leader: to a second one, who cannot be, a server says nothing. */
function silenceInWords({ reason, message }: { reason: string; message: string }, sent: number): string {
  const why = reason === "timeout" ? `: it says nothing where it knows another leader of term ${sent}` : "";
  return `no answer (${message})${why}`;
}

/** What a server made of it. */
function inWords({ term, previousIndex, matchIndex, conflict }: Appended, sent: number): string {
  if (matchIndex !== null) return `takes it: its log is the sender's up to entry ${matchIndex}`;
  if (conflict === null) return `refuses: it is in term ${term}, and term ${sent} is over`;
  if (conflict.term === null)
    return `does not fit: it has no entry ${previousIndex}; entry ${conflict.index} would be its next`;
  return `does not fit: its entry ${previousIndex} is of term ${conflict.term}, as are all from ${conflict.index} on`;
}
