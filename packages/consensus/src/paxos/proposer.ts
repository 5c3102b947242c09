import { invariant } from "../core/invariant.js";
import { type Input, type NodeId, type Participant, type Ready, ready } from "../core/participant.js";
import { NO_PROPOSAL, nextProposalId, type ProposalId } from "../core/proposal-id.js";
import { isMajority, majorityOf } from "../core/quorum.js";
import type { Chance } from "../core/random.js";
import type { AcceptAnswer, Acceptance, PrepareAnswer, ProposerMessage } from "./messages.js";
import {
  type Attempt,
  applyProposerWrite,
  freshProposerState,
  type ProposalOutcome,
  type ProposeCommand,
  type ProposerReply,
  type ProposerState,
  type ProposerWrite,
  type Round,
} from "./proposer-state.js";
import { chooseValue } from "./value-choice.js";

export interface ProposerOptions {
  /** Every acceptor of the pool: majorities are counted against all of them. */
  readonly acceptors: readonly NodeId[];
  /** How many of them, picked at random for each attempt, are contacted. */
  readonly contactCount: number;
  /** The proposer's own place among the ids of a round, 0..15 (0: people). */
  readonly index: number;
  /** How often it tries, each time with a higher id. */
  readonly attempts: number;
  /** How long a phase waits for answers, in milliseconds. */
  readonly phaseTimeoutMs: number;
  /** The longest wait before the second attempt, in milliseconds; it doubles with each further one, up to 32 times. */
  readonly backOffMs: number;
  readonly random: Chance;
  /** Goes on to phase 2 with promises of a minority. Breaks Paxos, and is here to show how. */
  readonly unsafeMinority?: boolean;
  /** In place of majorities, for the simulator to plant a wrong one. Nothing else may set it. */
  readonly isQuorum?: typeof isMajority;
}

type Step = Ready<ProposerMessage, ProposerWrite, never, ProposerReply>;

const PHASE_TIMER = "phase";
const BACK_OFF_TIMER = "back-off";
/** Trying again cannot help. */
const FINAL: ReadonlySet<ProposalOutcome> = new Set(["chosen", "already-chosen", "value-conflict", "truncated"]);

/**
 * The proposer of single-decree Paxos (Paxos Made Simple §2.2): prepare, adopt the value of the highest-numbered
 * proposal reported, accept; on pre-emption again with a higher id after a random wait (§2.4 on progress: two
 * proposers that answer each other at once could duel for ever).
 *
 * A phase ends when every acceptor contacted has answered, or is known not to, or when its time is up: later than a
 * bare majority, but what a person sees then does not depend on who was quickest.
 */
export class Proposer implements Participant<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply> {
  readonly #options: ProposerOptions;
  readonly #isQuorum: typeof isMajority;
  #state: ProposerState;

  constructor(options: ProposerOptions, state: ProposerState = freshProposerState()) {
    invariant(new Set(options.acceptors).size === options.acceptors.length, "an acceptor is in its pool once");
    this.#options = options;
    this.#isQuorum = options.isQuorum ?? isMajority;
    this.#state = state;
  }

  get state(): ProposerState {
    return this.#state;
  }

  step(input: Input<ProposerMessage, ProposeCommand>): Step {
    switch (input.kind) {
      case "propose":
        return this.#propose(input.requestId, input.command);
      case "timeout":
        return this.#timeout(input.timer);
      case "message":
        return this.#hear(input.from, input.message);
      case "durable":
        // It asks for no mark.
        return ready({});
    }
  }

  #propose(requestId: string, command: ProposeCommand): Step {
    if (this.#state.round) return refuse(requestId, "busy");
    const id = command.id ?? nextProposalId(this.#state.highestUsedId, this.#options.index);
    if (id === null) return refuse(requestId, "proposal-ids-exhausted");
    if (id <= this.#state.highestUsedId) return refuse(requestId, "id-used");
    return this.#begin({ requestId, command, phase: "prepare", attempts: [] }, id);
  }

  /** Phase 1a, to a random set of acceptors. */
  #begin(round: Round, id: ProposalId): Step {
    const write: ProposerWrite = { kind: "proposing", id };
    const contacted = this.#options.random.sample(this.#options.acceptors, this.#options.contactCount);
    const attempt: Attempt = {
      id,
      contacted,
      prepares: {},
      value: null,
      overriddenBy: null,
      acceptsSentTo: [],
      accepts: {},
      outcome: null,
    };
    this.#state = {
      ...applyProposerWrite(this.#state, write),
      round: { ...round, phase: "prepare", attempts: [...round.attempts, attempt] },
    };
    const { instance } = round.command;
    return ready({
      writes: [write],
      messages: contacted.map((to) => ({ to, message: { type: "prepare", id, instance } })),
      timers: [{ timer: PHASE_TIMER, afterMs: this.#options.phaseTimeoutMs }],
    });
  }

  #timeout(timer: string): Step {
    const { round } = this.#state;
    if (!round) return ready({});
    if (timer === BACK_OFF_TIMER && round.phase === "back-off") return this.#tryAgain(round);
    if (timer !== PHASE_TIMER) return ready({});
    if (round.phase === "prepare") return this.#endPrepare(round);
    return round.phase === "accept" ? this.#endAccept(round) : ready({});
  }

  #hear(from: NodeId, message: ProposerMessage): Step {
    const { round } = this.#state;
    const attempt = round?.attempts.at(-1);
    if (!round || !attempt || !belongsTo(round, attempt, message)) return ready({});
    if (round.phase === "prepare" && isPrepareAnswer(message) && attempt.contacted.includes(from)) {
      // A repeat of our own prepare may overtake the promise it repeats; the promise says more, and stands.
      if (attempt.prepares[from]?.type === "promise") return ready({});
      const after = this.#replaceAttempt({ prepares: { ...attempt.prepares, [from]: message } });
      return attempt.contacted.every((node) => lastAttempt(after).prepares[node]) ? this.#endPrepare(after) : ready({});
    }
    if (round.phase === "accept" && isAcceptAnswer(message) && attempt.acceptsSentTo.includes(from)) {
      if (attempt.accepts[from]?.type === "accepted") return ready({});
      const after = this.#replaceAttempt({ accepts: { ...attempt.accepts, [from]: message } });
      return attempt.acceptsSentTo.every((node) => lastAttempt(after).accepts[node])
        ? this.#endAccept(after)
        : ready({});
    }
    return ready({});
  }

  /** The end of phase 1: who promised, and which value that leaves us (P2c). */
  #endPrepare(round: Round): Step {
    const attempt = lastAttempt(round);
    const promises = promisesOf(attempt);
    const answers = Object.values(attempt.prepares);
    if (answers.some(({ type }) => type === "truncated")) return this.#end("truncated");
    if (promises.length === 0) return this.#end("no-promises");
    const quorum = this.#isQuorum(
      promises.map(({ from }) => from),
      this.#options.acceptors.length,
    );
    if (!quorum && !this.#options.unsafeMinority) return this.#end("no-promise-majority");
    const choice = chooseValue(promises.map(({ accepted }) => accepted));
    if (choice.kind === "conflict") return this.#end("value-conflict");
    const overriddenBy = choice.kind === "bound" ? choice.by : null;
    const value = overriddenBy?.acceptedValue ?? round.command.value;
    const after = this.#replaceAttempt({ value, overriddenBy });
    if (overriddenBy && this.#isHeldByMajority(overriddenBy, promises)) return this.#end("already-chosen");
    return this.#sendAccepts(
      after,
      value,
      promises.map(({ from }) => from),
    );
  }

  /** Phase 2a, to those that promised. */
  #sendAccepts(round: Round, value: string, acceptors: readonly NodeId[]): Step {
    const { id } = lastAttempt(round);
    const { instance } = round.command;
    this.#replaceAttempt({ acceptsSentTo: acceptors }, "accept");
    return ready({
      messages: acceptors.map((to) => ({ to, message: { type: "accept", id, instance, value } })),
      timers: [{ timer: PHASE_TIMER, afterMs: this.#options.phaseTimeoutMs }],
    });
  }

  #endAccept(round: Round): Step {
    const attempt = lastAttempt(round);
    const accepted = attempt.acceptsSentTo.filter((node) => attempt.accepts[node]?.type === "accepted");
    return this.#end(this.#isQuorum(accepted, this.#options.acceptors.length) ? "chosen" : "no-accept-majority");
  }

  #isHeldByMajority(acceptance: Acceptance, promises: readonly { from: NodeId; accepted: Acceptance | null }[]) {
    const holders = promises.filter(({ accepted }) => accepted?.acceptedId === acceptance.acceptedId);
    return this.#isQuorum(
      holders.map(({ from }) => from),
      this.#options.acceptors.length,
    );
  }

  /** Ends the attempt; then the proposal, or a random wait before the next attempt. */
  #end(outcome: ProposalOutcome): Step {
    const round = this.#replaceAttempt({ outcome });
    const stopPhase = { timer: PHASE_TIMER, afterMs: null };
    if (FINAL.has(outcome) || round.attempts.length >= this.#options.attempts) {
      return this.#finish(round, outcome, [stopPhase]);
    }
    this.#state = { ...this.#state, round: { ...round, phase: "back-off" } };
    return ready({ timers: [stopPhase, { timer: BACK_OFF_TIMER, afterMs: this.#backOff(round.attempts.length) }] });
  }

  #backOff(failures: number): number {
    const longest = this.#options.backOffMs * 2 ** Math.min(failures - 1, 5);
    return Math.ceil(longest / 2) + this.#options.random.below(Math.floor(longest / 2) + 1);
  }

  #tryAgain(round: Round): Step {
    const { highestUsedId } = this.#state;
    const { acceptors, index } = this.#options;
    const highest = Math.max(highestUsedId, ...round.attempts.map(highestPromiseSeen));
    // Where somebody has promised the last id there is, what the others can still promise is enough, if they are a majority.
    const reachable = Math.max(highestUsedId, majorityPromise(round.attempts, acceptors));
    const id = nextProposalId(highest, index) ?? nextProposalId(reachable, index);
    return id === null ? this.#finish(round, "proposal-ids-exhausted", []) : this.#begin(round, id);
  }

  #finish(round: Round, outcome: ProposalOutcome, timers: Step["timers"]): Step {
    this.#state = { ...this.#state, round: null };
    const { requestId, attempts } = round;
    return ready({ timers, replies: [{ requestId, reply: proposerReply(outcome, attempts) }] });
  }

  #replaceAttempt(changes: Partial<Attempt>, phase?: Round["phase"]): Round {
    const { round } = this.#state;
    invariant(round !== null, "an attempt belongs to a round");
    const attempts = round.attempts.slice();
    attempts[attempts.length - 1] = { ...lastAttempt(round), ...changes };
    const after: Round = { ...round, phase: phase ?? round.phase, attempts };
    this.#state = { ...this.#state, round: after };
    return after;
  }
}

function refuse(requestId: string, outcome: ProposalOutcome): Step {
  return ready({ replies: [{ requestId, reply: proposerReply(outcome, []) }] });
}

function proposerReply(outcome: ProposalOutcome, attempts: readonly Attempt[]): ProposerReply {
  const last = attempts.at(-1);
  let chosen: Acceptance | null = null;
  if (outcome === "already-chosen") chosen = last?.overriddenBy ?? null;
  if (outcome === "chosen" && last && last.value !== null) chosen = { acceptedId: last.id, acceptedValue: last.value };
  return {
    outcome,
    chosen,
    mayStillBeChosen: chosen === null && attempts.some(({ acceptsSentTo }) => acceptsSentTo.length > 0),
    attempts,
  };
}

function promisesOf(attempt: Attempt): { from: NodeId; accepted: Acceptance | null }[] {
  return attempt.contacted.flatMap((from) => {
    const answer = attempt.prepares[from];
    return answer?.type === "promise" ? [{ from, accepted: answer.accepted }] : [];
  });
}

/** The highest id that any answer of this attempt told of: the next one must be above it. */
function highestPromiseSeen({ prepares, accepts }: Attempt): ProposalId | typeof NO_PROPOSAL {
  const answers = [...Object.values(prepares), ...Object.values(accepts)];
  return Math.max(NO_PROPOSAL, ...answers.map((answer) => ("promisedId" in answer ? answer.promisedId : NO_PROPOSAL)));
}

/** The lowest id such that a majority of the pool is not known to have promised a higher one. */
function majorityPromise(attempts: readonly Attempt[], acceptors: readonly NodeId[]): ProposalId | typeof NO_PROPOSAL {
  const promised = acceptors.map((node) => {
    const answers = attempts.flatMap(({ prepares, accepts }) => [prepares[node], accepts[node]]);
    return Math.max(
      NO_PROPOSAL,
      ...answers.map((answer) => (answer && "promisedId" in answer ? answer.promisedId : NO_PROPOSAL)),
    );
  });
  return promised.sort((one, other) => one - other)[majorityOf(acceptors.length) - 1] ?? NO_PROPOSAL;
}

function lastAttempt(round: Round): Attempt {
  const attempt = round.attempts.at(-1);
  invariant(attempt !== undefined, "a round has an attempt");
  return attempt;
}

/** Answers to an earlier attempt, or about another instance, say nothing about this one. */
function belongsTo(round: Round, attempt: Attempt, message: ProposerMessage): boolean {
  return message.instance === round.command.instance && (message.type === "truncated" || message.id === attempt.id);
}

function isPrepareAnswer(message: ProposerMessage): message is PrepareAnswer {
  const { type } = message;
  if (type === "no-response") return message.request === "prepare";
  return type === "promise" || type === "prepare-ignored" || type === "truncated";
}

function isAcceptAnswer(message: ProposerMessage): message is AcceptAnswer {
  const { type } = message;
  if (type === "no-response") return message.request === "accept";
  return type === "accepted" || type === "accept-ignored" || type === "refused" || type === "truncated";
}
