import { type RaftStateReply, raftView } from "@synod/api";
import { explainLead, type RaftObservation } from "@synod/consensus";
import type { ClusterSettings } from "../cluster/settings.js";
import type { Result } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { leadLines } from "./lead-text.js";
import { askEach, nobodyAnswers, serversGiven } from "./raft-servers.js";

/** Entries of each log that are looked at for contradictions: its last ones. */
const ENTRIES = 1000;

/** Says why a cluster on Raft has a leader, or none, and who could be elected. @param instance 1 unless somebody named one */
export async function explainRaft(
  settings: ClusterSettings,
  instance: number,
  timeoutMs: number,
  terminal: Terminal,
): Promise<Result> {
  const { topology } = settings;
  if (instance !== 1) {
    throw new UsageError(
      `--instance is for acceptors, and the cluster ${topology.name} runs on raft: synod raft state --entries 1000 shows its entries`,
    );
  }
  const servers = serversGiven(settings);
  const call = { path: `/raft/state?entries=${ENTRIES}`, timeoutMs };
  const answers = await askEach<RaftStateReply>(settings, servers, call, terminal);
  const replies = answers.flatMap((answer) => ("reply" in answer ? [answer.reply] : []));
  if (replies.length === 0) throw nobodyAnswers(servers, answers);
  const { voters } = raftView(
    replies.map((report) => ({ name: report.name, report })),
    topology,
  );
  const explanation = explainLead(voters, replies.map(observation));
  for (const line of leadLines(explanation, terminal.colors)) terminal.line(line);
  const exitCode = explanation.verdict === "broken" ? ExitCode.safetyViolated : ExitCode.done;
  return { exitCode, document: { cluster: topology.name, ...explanation, warnings: terminal.warnings } };
}

function observation(reply: RaftStateReply): RaftObservation {
  const { name, term, voted_for, state, last_index, last_term, commit_index, entries } = reply;
  const ofLog = { lastIndex: last_index, lastTerm: last_term, commitIndex: commit_index, entries };
  return { server: name, term, votedFor: voted_for, state, ...ofLog };
}
