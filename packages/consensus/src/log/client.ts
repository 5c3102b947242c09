import { Outbox } from "../core/outbox.js";
import type { Input, NodeId, Participant, Ready } from "../core/participant.js";
import {
  CLIENT_LIMITS,
  CLIENT_TIMING,
  type ClientLimits,
  type ClientTiming,
  type LogClientOptions,
  type LogOutcome,
  type LogRequest,
} from "./client-options.js";
import { ClientReads } from "./client-reads.js";
import { ClientWrites } from "./client-writes.js";
import { Deadlines } from "./deadlines.js";
import { LeaderGuess } from "./leader-guess.js";
import type { LogMessage } from "./log-message.js";

/** What the parts of a client share. */
export interface ClientParts {
  readonly options: LogClientOptions;
  readonly timing: ClientTiming;
  readonly limits: ClientLimits;
  readonly leader: LeaderGuess;
  readonly out: Outbox<LogMessage, never, never, LogOutcome>;
  /** Ends a request: its reply leaves, its time no longer runs. */
  end(requestId: string, outcome: LogOutcome): void;
}

/**
 * The timer, of no length, at whose end all goes on that began in one moment. Whoever has a client of the log as a part of
 * itself may have more to begin by then.
 */
export const MOMENT_TIMER = "moment";

/**
 * A client of the log: finds the leader, sends what is asked of it, asks somebody else if there is no answer, and says in
 * time what came of it. It knows nothing of what the values mean, except that one may be put into the log twice.
 */
export class LogClient implements Participant<LogMessage, never, LogRequest, LogOutcome> {
  readonly #out: ClientParts["out"] = new Outbox();
  readonly #limits: ClientLimits;
  readonly #leader: LeaderGuess;
  readonly #writes: ClientWrites;
  readonly #reads: ClientReads;
  readonly #deadlines = new Deadlines((timer, afterMs) => this.#out.timer(timer, afterMs));
  /** Requests have begun that wait for the end of this moment, so that all of it travels together. */
  #isGathering = false;

  constructor(options: LogClientOptions) {
    this.#limits = { ...CLIENT_LIMITS, ...options.limits };
    this.#leader = new LeaderGuess(options.proposers);
    const parts: ClientParts = {
      options,
      timing: { ...CLIENT_TIMING, ...options.timing },
      limits: this.#limits,
      leader: this.#leader,
      out: this.#out,
      end: (requestId, outcome) => {
        this.#deadlines.end(requestId);
        this.#out.reply(requestId, outcome);
      },
    };
    this.#writes = new ClientWrites(parts);
    this.#reads = new ClientReads(parts);
  }

  /** Plain data, for a look from outside. */
  get state() {
    return { leader: this.#leader.known, writes: this.#writes.count, reads: this.#reads.count };
  }

  step(input: Input<LogMessage, LogRequest>): Ready<LogMessage, never, never, LogOutcome> {
    switch (input.kind) {
      case "propose":
        this.#begin(input.requestId, input.command);
        break;
      case "timeout":
        this.#timeout(input.timer);
        break;
      case "message":
        this.#hear(input.from, input.message);
        break;
    }
    return this.#out.take();
  }

  #begin(requestId: string, request: LogRequest): void {
    if (this.#writes.count + this.#reads.count >= this.#limits.requests) {
      this.#out.reply(requestId, { kind: "refused", reason: "overloaded" });
      return;
    }
    this.#deadlines.begin(requestId, request.timeoutMs);
    if (!this.#isGathering) {
      this.#isGathering = true;
      this.#out.timer(MOMENT_TIMER, 0);
    }
    if (request.kind === "submit") this.#writes.begin(requestId, request.value);
    else this.#reads.begin(requestId, request);
  }

  #timeout(timer: string): void {
    if (timer === MOMENT_TIMER) {
      this.#isGathering = false;
      this.#deadlines.momentIsOver();
      this.#writes.goOn();
      this.#reads.goOn();
      return;
    }
    for (const requestId of this.#deadlines.timeout(timer)) {
      this.#writes.timeIsUp(requestId);
      this.#reads.timeIsUp(requestId);
    }
    this.#writes.timeout(timer);
    this.#reads.timeout(timer);
  }

  #hear(from: NodeId, message: LogMessage): void {
    switch (message.type) {
      case "submitted":
        this.#writes.submitted(from, message);
        return;
      case "read-barrier-passed":
        this.#reads.passed(from, message);
        return;
      case "read-barrier-refused":
        this.#reads.barrierRefused(from, message);
        return;
      case "query-answer":
        this.#reads.answered(from, message);
        return;
      case "query-refused":
        this.#reads.queryRefused(message);
        return;
      case "no-answer":
        if (message.to === "submit") this.#writes.noAnswer(from, message);
        else this.#reads.noAnswer(message);
        return;
      default:
        // Nothing that a client asked for.
        return;
    }
  }
}
