import { randomInt } from "node:crypto";
import { type Attempt, LAST_PROPOSAL_ID, majorityOf, PERSON_INDEX, Random } from "@synod/consensus";
import { acceptorsHere } from "../acceptors-here.js";
import { isAnswered, noteTrouble } from "../asking.js";
import { type Clients, withServers } from "../pool-connection.js";
import { idsUpTo, knownServerCount, nobodyAnswers, POOL_OPTIONS, TIMEOUT_OPTION } from "../pool-settings.js";
import { type ProposalEnd, ProposerHost } from "../proposal/proposer-host.js";
import { Story } from "../proposal/story.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { duration, proposalId, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { INSTANCE_OPTION, readValue, VALUE_OPTION } from "../value-option.js";

export const proposerDemo: Command = {
  usage: "proposer-demo",
  summary: "Propose a value by the whole protocol, and show each message of it",
  examples: [
    ["proposer-demo --server-count 3 --id 9 --contact-count 2 --value x", "contact two of three acceptors, at random"],
    ["proposer-demo --server-count 3 --id 9 --contact-count 3 --value x --attempts 5", "try again when pre-empted"],
    ["proposer-demo --server-count 3 --id 9 --contact-count 1 --value x --unsafe-minority", "watch Paxos break"],
  ],
  options: {
    id: {
      alias: "promise-id",
      type: "string",
      demandOption: true,
      describe: "The proposal id, a whole number 0..2^53-1",
      coerce: proposalId("--id"),
    },
    ...VALUE_OPTION,
    "contact-count": {
      type: "string",
      describe: "How many servers to contact, picked at random (default: all)",
      coerce: wholeNumber("--contact-count", 1, Number.MAX_SAFE_INTEGER),
    },
    attempts: {
      type: "string",
      default: "1",
      describe: "How often to try, each time with a higher id",
      coerce: wholeNumber("--attempts", 1, 1000),
    },
    "back-off": {
      type: "string",
      default: "100ms",
      describe: "The longest wait before the second attempt; it doubles with each further one",
      coerce: duration("--back-off"),
    },
    seed: {
      type: "string",
      describe: "Fixes what is random: which servers are contacted, in which order, and the waits",
      coerce: wholeNumber("--seed", 0, Number.MAX_SAFE_INTEGER),
    },
    "unsafe-minority": {
      type: "boolean",
      default: false,
      describe: "Go on with promises of a minority. Breaks consensus: to see how",
    },
    ...INSTANCE_OPTION,
    ...TIMEOUT_OPTION,
    ...POOL_OPTIONS,
  },
  run: propose,
};

async function propose(args: Arguments, terminal: Terminal): Promise<Result> {
  const settings = acceptorsHere(args, terminal);
  const serverCount = knownServerCount(settings);
  const value = await readValue(args, terminal);
  const seed = (args["seed"] as number | undefined) ?? randomInt(2 ** 32);
  const contactCount = Math.min((args["contact-count"] as number | undefined) ?? serverCount, serverCount);
  const timeoutMs = args["timeout"] as number;
  const unsafeMinority = args["unsafe-minority"] as boolean;
  terminal.note(`seed: ${seed}`);
  if (unsafeMinority) {
    terminal.warn("--unsafe-minority goes on without a majority of promises, so that a chosen value can be lost");
  }

  const options = {
    contactCount,
    index: PERSON_INDEX,
    attempts: args["attempts"] as number,
    phaseTimeoutMs: timeoutMs,
    backOffMs: args["back-off"] as number,
    random: Random.fromSeed(seed),
    unsafeMinority,
  };
  const command = { instance: args["instance"] as number, id: args["id"] as number, value };
  // The proposer ends a phase when its time is up; the calls' own time-out is only there in case it does not.
  return withServers(settings, idsUpTo(serverCount), timeoutMs + 1000, terminal, async (clients) => {
    const host: ProposerHost = new ProposerHost(clients, options, {
      onStep: (round) => story.tell(round?.attempts ?? []),
      beforeAccepts: () => unsafeMinority || refuseAnotherPool(serverCount, clients),
    });
    const answerTo: ProposerHost["answerTo"] = (id, phase, server) => host.answerTo(id, phase, server);
    const story = new Story(terminal, { serverCount, clientValue: value, answerTo });
    const reply = await host.run(command, terminal.interrupted);
    story.tell(reply.attempts);
    for (const answer of host.answers) noteTrouble(answer, terminal);
    sayWhatRemains(reply, terminal);
    const exitCode = exitCodeOf(reply, [...host.answers].some(isAnswered));
    if (exitCode === ExitCode.nobodyReachable) terminal.note(nobodyAnswers(settings, [...clients.keys()]));
    const document = documentOf(reply, { seed, serverCount, ...command }, host, terminal);
    return { exitCode, document };
  });
}

/**
 * Promises count only as a majority of the pool that the acceptors themselves belong to: its size and name come with
 * every answer.
 *
 * @throws {CommandFailure} before any accept is sent, if they are not
 */
function refuseAnotherPool(serverCount: number, clients: Clients): void {
  const identities = [...clients.values()].flatMap(({ identity }) => identity ?? []);
  const larger = identities.find((one) => majorityOf(one.serverCount) > majorityOf(serverCount));
  const pools = new Set(identities.map(({ poolId }) => poolId));
  if (!larger && pools.size <= 1) return;
  const why = larger
    ? `the pool has ${larger.serverCount} servers, not ${serverCount}, and a majority of those asked is none of the pool`
    : `the servers that promised belong to different pools (${[...pools].join(", ")})`;
  throw new CommandFailure(
    ExitCode.noConsensus,
    "another-pool",
    `No promise majority: ${why}. No accept was sent. Name all servers of one pool with --servers.`,
  );
}

function exitCodeOf({ outcome, chosen }: ProposalEnd, isAnybodyThere: boolean): ExitCode {
  if (outcome === "interrupted") return ExitCode.interrupted;
  if (chosen) return ExitCode.done;
  return isAnybodyThere ? ExitCode.noConsensus : ExitCode.nobodyReachable;
}

/** What a person should know of a failure, and what to do next. */
function sayWhatRemains({ outcome, mayStillBeChosen, attempts }: ProposalEnd, terminal: Terminal): void {
  if (outcome === "interrupted") terminal.note("proposer-demo: interrupted");
  if (mayStillBeChosen)
    terminal.note("An accept was sent: its value may still be chosen, or be found by a later proposer.");
  const last = attempts.at(-1);
  if (!last || outcome === "chosen" || outcome === "already-chosen") return;
  const answers = [...Object.values(last.prepares), ...Object.values(last.accepts)];
  const promised = Math.max(-1, ...answers.map((answer) => ("promisedId" in answer ? answer.promisedId : -1)));
  if (outcome === "proposal-ids-exhausted") {
    terminal.note(
      `proposal-ids-exhausted: a majority has promised the last id there is (${LAST_PROPOSAL_ID}), so nothing new can be ` +
        "proposed in this pool. What is chosen stays chosen. To go on, begin a new pool: synod acceptor reset",
    );
  } else if (promised === LAST_PROPOSAL_ID) {
    terminal.note(
      `Pre-empted: somebody promised ${promised}, the last id there is. The others may still promise: --attempts.`,
    );
  } else if (promised > last.id) {
    terminal.note(`Pre-empted: id ${promised} is promised. Use a higher one, or --attempts.`);
  } else if (promised === last.id) {
    terminal.note(`Id ${last.id} was used before: an acceptor promises each id once. Use a higher one, or --attempts.`);
  }
}

function documentOf(
  reply: ProposalEnd,
  asked: { seed: number; serverCount: number; instance: number; id: number; value: string },
  host: ProposerHost,
  terminal: Terminal,
) {
  const { outcome, chosen, mayStillBeChosen, attempts } = reply;
  const { seed, serverCount, instance, id, value: clientValue } = asked;
  return {
    outcome,
    consensus: chosen !== null,
    proposalId: chosen?.acceptedId ?? null,
    value: chosen?.acceptedValue ?? null,
    valueOverridden: attempts.at(-1)?.overriddenBy != null,
    mayStillBeChosen,
    seed,
    serverCount,
    majorityRequired: majorityOf(serverCount),
    instance,
    id,
    clientValue,
    attempts: attempts.map((attempt) => documentOfAttempt(attempt, host)),
    warnings: terminal.warnings,
  };
}

function documentOfAttempt(attempt: Attempt, host: ProposerHost) {
  const { id, contacted, overriddenBy, value, acceptsSentTo, outcome } = attempt;
  const timedOut = { reason: "timeout", message: "no answer before the end of the phase" };
  const answers = (phase: "prepare" | "accept", servers: readonly string[]) =>
    servers.map((server) => host.answerTo(id, phase, server) ?? { server: Number(server), noAnswer: timedOut });
  return {
    id,
    contacted: contacted.map(Number),
    prepares: answers("prepare", contacted),
    overriddenBy,
    value,
    acceptsSentTo: acceptsSentTo.map(Number),
    accepts: answers("accept", acceptsSentTo),
    outcome,
  };
}
