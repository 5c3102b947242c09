import { randomUUID } from "node:crypto";
import type { ChangeMembership, OperatorAnswer, OperatorOutcome, TransferLeadership } from "@synod/consensus";
import { advice } from "../cluster/advice.js";
import { observe } from "../cluster/observation.js";
import type { ClusterSettings } from "../cluster/settings.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { askRaft, nobodyAnswers, serversGiven } from "./raft-servers.js";

type Asked = Omit<ChangeMembership, "requestId"> | Omit<TransferLeadership, "requestId">;

const PATHS = { "change-membership": "/raft/members", "transfer-leadership": "/raft/transfer" } as const;

/** How much longer than the leader a command waits, in milliseconds: so that it is told what is known of the outcome. */
const LAST_WORD_MS = 1000;

/** What came of it in words, and how a command ends that hears so. */
const OUTCOMES: Readonly<Record<Exclude<OperatorOutcome, "done">, readonly [ExitCode, string]>> = {
  "not-leader": [ExitCode.noConsensus, "it leads no more: try again"],
  busy: [ExitCode.noConsensus, "another change, or a transfer, is under way: try again when it is done"],
  "too-early": [ExitCode.noConsensus, "the leader is new, and has committed nothing of its term yet: try again"],
  "not-caught-up": [ExitCode.noConsensus, "the server did not get the log in time: is it up, and its links whole?"],
  "given-up": [ExitCode.outcomeUnknown, "the lead was lost meanwhile; it may yet happen: see synod cluster status"],
  "another-leads": [
    ExitCode.noConsensus,
    "the lead was lost meanwhile, and to another server: see synod cluster status",
  ],
  "no-such-member": [ExitCode.usage, "the server is no member of the cluster, or has no vote"],
  "already-member": [ExitCode.usage, "the server is a member that votes already"],
  "last-member": [ExitCode.usage, "it is the only member that votes: without it there is no cluster"],
};

/**
 * Asks the leader for something that an operator wants, and waits until it is done.
 *
 * @returns who led when it was asked
 * @throws {CommandFailure} if it was not done, or nobody leads
 */
export async function operate(
  settings: ClusterSettings,
  asked: Asked,
  timeoutMs: number,
  terminal: Terminal,
): Promise<string> {
  const seen = await observe(settings, Math.min(timeoutMs, 1000), terminal.interrupted);
  const all = serversGiven(settings);
  if (!seen.servers.some(({ role, up }) => role === "raft" && up)) throw nobodyAnswers(all);
  const leader = all.find(({ name }) => name === seen.leader);
  if (!leader) throw new CommandFailure(ExitCode.noConsensus, "no-leader", advice(seen).join("\n"));
  const body = { ...asked, requestId: randomUUID() };
  const call = { method: "POST", path: PATHS[asked.type], body, timeoutMs: timeoutMs + LAST_WORD_MS } as const;
  const answer = await askRaft<OperatorAnswer>(settings, leader, call, terminal);
  if ("noAnswer" in answer) {
    const { reason, message } = answer.noAnswer;
    if (reason === "refused") throw new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", message);
    throw new CommandFailure(
      ExitCode.outcomeUnknown,
      "outcome-unknown",
      `${leader.name} did not say what came of it: ${message}. See synod cluster status`,
    );
  }
  const { outcome } = answer.reply;
  if (outcome === "done") return leader.name;
  const [exitCode, words] = OUTCOMES[outcome];
  throw new CommandFailure(exitCode, outcome, `${leader.name} says: ${words}`);
}
