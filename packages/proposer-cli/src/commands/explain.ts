import type { AcceptorClient } from "@synod/client";
import { type Explanation, explain, type Observation, type ProposalSeen } from "@synod/consensus";
import { acceptorsHere, raftHere } from "../acceptors-here.js";
import type { Answer } from "../asking.js";
import { explanationLines } from "../explanation-text.js";
import { askAll, withServers } from "../pool-connection.js";
import {
  idsUpTo,
  knownServerCount,
  nobodyAnswers,
  POOL_OPTIONS,
  type PoolSettings,
  TIMEOUT_OPTION,
} from "../pool-settings.js";
import type { Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { INSTANCE_OPTION } from "../value-option.js";

export const explainCommand: Command = {
  usage: "explain",
  summary:
    "Say whether a value is chosen, may be, or is still open, and what a next proposer would have to propose; of a cluster " +
    "on Raft, why there is a leader or none, and who could be elected",
  examples: [
    ["synod explain", "explain the pool that was started here"],
    [
      "synod explain --json | jq -r .verdict",
      "chosen, may-be-chosen, open or broken (exit 6); on Raft: led, electing, leaderless, no-quorum or broken",
    ],
  ],
  options: { ...INSTANCE_OPTION, ...TIMEOUT_OPTION, ...POOL_OPTIONS },
  run: async (args, terminal) => {
    const instance = args["instance"] as number;
    const raft = raftHere(args, terminal);
    if (raft !== null)
      return (await import("../raft/explain-raft.js")).explainRaft(raft, instance, args["timeout"] as number, terminal);
    const settings = acceptorsHere(args, terminal);
    const ids = idsUpTo(knownServerCount(settings));
    const answers = await withServers(settings, ids, args["timeout"] as number, terminal, (clients) =>
      askAll(clients, (client, server) => observe(server, client, instance, terminal), terminal),
    );
    return tell(settings, ids, instance, answers, terminal);
  },
};

/** State and history of one acceptor, or the word that the instance is truncated there. */
async function observe(
  server: number,
  client: AcceptorClient,
  instance: number,
  { interrupted }: Terminal,
): Promise<Observation | "truncated"> {
  const options = { signal: interrupted };
  // The state first: what is accepted between the two calls is then in the history, or said to be missing there.
  const state = await client.state(instance, options);
  if ("truncated" in state) return "truncated";
  const history = await client.history(instance, options);
  const { promisedId, acceptedId, acceptedValue } = state;
  const accepted = acceptedValue === null ? null : { acceptedId, acceptedValue };
  return { acceptor: String(server), promisedId, accepted, ...history };
}

function tell(
  settings: PoolSettings,
  ids: readonly number[],
  instance: number,
  answers: readonly Answer<Observation | "truncated">[],
  terminal: Terminal,
): Result {
  const replies = answers.flatMap((answer) => ("reply" in answer ? [answer.reply] : []));
  if (replies.length === 0) {
    throw new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", nobodyAnswers(settings, ids));
  }
  if (replies.includes("truncated")) {
    throw new CommandFailure(
      ExitCode.failure,
      "truncated",
      `instance ${instance} is decided and truncated: its value can no longer be asked of the acceptors`,
    );
  }
  const observations = replies.filter((reply) => reply !== "truncated");
  const explanation = explain(ids.map(String), instance, observations);
  for (const line of explanationLines(explanation, observations, terminal.colors)) terminal.line(line);
  const exitCode = explanation.verdict === "broken" ? ExitCode.safetyViolated : ExitCode.done;
  return { exitCode, document: documentOf(explanation, observations, terminal) };
}

/** The explanation in the words of all documents: servers are numbers, and are called so. */
function documentOf(explanation: Explanation, observations: readonly Observation[], { warnings }: Terminal) {
  const { instance, poolSize, majority, verdict, chosen, mayBeUnseen } = explanation;
  return {
    instance,
    serverCount: poolSize,
    majorityRequired: majority,
    verdict,
    chosen,
    unreachable: numbers(explanation.unreachable),
    proposals: explanation.proposals.map(proposalSeen),
    mayBeChosen: explanation.mayBeChosen.map(proposalSeen),
    mayBeUnseen,
    conflicts: explanation.conflicts.map(({ kind, between }) => ({
      kind,
      between: between.map(({ acceptors, ...proposal }) => ({ ...proposal, servers: numbers(acceptors) })),
    })),
    next: explanation.next.map(({ choice, count, majorities }) => ({
      choice,
      count,
      majorities: majorities.map(numbers),
    })),
    observations: observations.map(({ acceptor, ...seen }) => ({ server: Number(acceptor), ...seen })),
    warnings,
  };
}

function proposalSeen({ acceptors, uncertain, ...proposal }: ProposalSeen) {
  return { ...proposal, servers: numbers(acceptors), uncertain: numbers(uncertain) };
}

function numbers(names: readonly string[]): number[] {
  return names.map(Number);
}
