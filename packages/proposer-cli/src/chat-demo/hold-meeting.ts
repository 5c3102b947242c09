import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Address, formatAddress, type Problem, problem } from "@synod/api";
import { NoAnswer } from "@synod/client";
import { exchange, problemIn } from "../http-exchange.js";
import { endOf, inTime } from "../terminal/end-of.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { begin, type Facts, type Heard, hear, type MakeId, type Meeting, type Outcome, say } from "./meeting.js";
import { MEETING_PATH, type MeetingServer, startMeetingServer } from "./meeting-server.js";
import { otherMachine, refusalText, remarkText } from "./meeting-words.js";
import { meetingAddress } from "./ports.js";
import { type Sealed, seal, unsealed } from "./sealed.js";
import { statementIn, statementText } from "./statement-text.js";

/** How often the other program is called, and how long one call may take, in milliseconds. */
const CALL_EVERY_MS = 200;
const ONE_CALL_MS = 2000;

/** What a program needs to be met. */
export interface MeetingOptions {
  readonly facts: Facts;
  /** Proves to each that the other is of the same demo; undefined where only this machine can reach them. */
  readonly secret: string | undefined;
  /** Hears what is worth knowing meanwhile, each thing once. */
  note(text: string): void;
}

/** An end of a meeting after which both have a cluster. */
export type Met = Extract<Outcome, { kind: "met" }>;

/** A new cluster is made of what both drew: neither can make one that was there before. */
export const idOfBoth: MakeId = (drawnBy1, drawnBy2) =>
  createHash("sha256").update(`${drawnBy1} ${drawnBy2}`).digest("hex").slice(0, 32);

/**
 * Holds one program's side of a meeting: calls the other, answers its calls, and goes on answering when they have met, so
 * that one that is started again finds this one running.
 */
export class MeetingPlace {
  readonly #options: MeetingOptions;
  readonly #server: MeetingServer;
  readonly #noted = new Set<string>();
  #meeting: Meeting;
  /** Wakes up whoever waits for a change. */
  #changed = new AbortController();

  /** @throws {CommandFailure} if nobody can listen at its address */
  static async open(options: MeetingOptions): Promise<MeetingPlace> {
    const { machine, here, portOffset } = options.facts;
    let place: MeetingPlace | null = null;
    const answer = (body: unknown, from: string) =>
      place?.answer(body, from) ?? problem("stopping", "nobody is here yet: try again");
    const server = await startMeetingServer(meetingAddress(here, machine, portOffset), answer);
    place = new MeetingPlace(options, server);
    return place;
  }

  private constructor(options: MeetingOptions, server: MeetingServer) {
    this.#options = options;
    this.#server = server;
    this.#meeting = begin(options.facts);
  }

  /**
   * Waits until both agree. Nothing may be cleared before.
   *
   * @throws {CommandFailure} if they do not go together, or the other one is not there in time
   */
  async meet(withinMs: number, interrupted: AbortSignal): Promise<Met> {
    await inTime([interrupted], withinMs, (end) => this.#callUntilOutcome(end));
    interrupted.throwIfAborted();
    const { outcome } = this.#meeting;
    if (outcome === null) throw this.#inVain(withinMs);
    // So that the other one knows as well, whoever of the two was first to.
    await this.#call(interrupted);
    if (outcome.kind === "met") return outcome;
    throw new CommandFailure(ExitCode.failure, outcome.refusal.kind, refusalText(this.#facts, outcome.refusal));
  }

  async #callUntilOutcome(end: AbortSignal): Promise<void> {
    while (this.#meeting.outcome === null && !end.aborted) {
      await this.#call(end);
      if (this.#meeting.outcome !== null) return;
      const changed = new AbortController();
      this.#changed = changed;
      await delay(CALL_EVERY_MS, undefined, { signal: endOf([end, changed.signal]) }).catch(() => {});
      changed.abort();
    }
  }

  /** What is said to whoever called. */
  answer(body: unknown, from: string): Sealed | Problem {
    const { secret } = this.#options;
    const text = unsealed(body, "meeting", secret);
    if (text === null) {
      const whose = `a program at ${from} called that does not know this demo's secret`;
      this.#note(`${whose}; the secret must be the same on both machines (--secret-file)`);
      return problem("unauthorized", "the proof is not that of this demo's secret: give both the same --secret-file");
    }
    const statement = statementIn(text);
    if (statement === null) return problem("bad-request", "this is no statement of a program of the same version");
    this.#hear({ statement, isAnswer: false });
    return seal(statementText(say(this.#meeting, statement.run)), "meeting", secret);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  get #facts(): Facts {
    return this.#options.facts;
  }

  /** Calls the other one where it should be; and, if nobody is there, where it is if it was given this one's number. */
  async #call(signal: AbortSignal): Promise<void> {
    const { machine, here, there, portOffset } = this.#facts;
    const isThere = await this.#callAt(meetingAddress(there, otherMachine(machine), portOffset), signal);
    // At its own address this one would only call itself.
    if (!isThere && here !== there) await this.#callAt(meetingAddress(there, machine, portOffset), signal);
  }

  /** @returns whether somebody listens there */
  async #callAt(address: Address, signal: AbortSignal): Promise<boolean> {
    const { secret } = this.#options;
    const body = seal(statementText(say(this.#meeting, this.#meeting.other)), "meeting", secret);
    const call = {
      method: "POST",
      path: MEETING_PATH,
      body,
      timeoutMs: ONE_CALL_MS,
      signal,
      secret: undefined,
    } as const;
    try {
      const { status, body: said } = await exchange(address, call);
      if (problemIn(said)?.code === "unauthorized") throw this.#otherSecret(address);
      const statement = statementIn(unsealed(said, "meeting", secret) ?? "");
      if (statement) this.#hear({ statement, isAnswer: true });
      else this.#note(`the program at ${formatAddress(address)} is none of this demo (HTTP status ${status})`);
      return true;
    } catch (error) {
      // Silence is what a machine that is not there yet says, and one that was cut off.
      if (error instanceof NoAnswer) return error.reason !== "refused";
      throw error;
    }
  }

  #hear(heard: Heard): void {
    const before = this.#meeting;
    this.#meeting = hear(before, heard, idOfBoth);
    const { remark, outcome } = this.#meeting;
    if (remark !== null && outcome === null) this.#note(remarkText(this.#facts, remark));
    const isFurther = this.#meeting.agreed !== before.agreed || outcome !== before.outcome;
    if (isFurther) this.#changed.abort();
  }

  #note(text: string): void {
    if (this.#noted.has(text) || this.#noted.size > 100) return;
    this.#noted.add(text);
    this.#options.note(text);
  }

  #otherSecret(address: Address): CommandFailure {
    const message =
      `the program at ${formatAddress(address)} has another secret than this one: copy the file of one of them to the ` +
      "other machine, and start both with it (--secret-file)";
    return new CommandFailure(ExitCode.failure, "other-secret", message);
  }

  #inVain(withinMs: number): CommandFailure {
    const { machine, there, portOffset } = this.#facts;
    const [other, place] = [
      otherMachine(machine),
      formatAddress(meetingAddress(there, otherMachine(machine), portOffset)),
    ];
    const nothing = "Nothing was cleared, and nothing started.";
    if (this.#meeting.other !== null) {
      const message = `machine ${other} was heard, but did not agree within ${withinMs} ms: is its demo still there? ${nothing}`;
      return new CommandFailure(ExitCode.noConsensus, "not-agreed", message);
    }
    const message =
      `machine ${other} did not answer at ${place} within ${withinMs} ms (--wait). Start the demo there, with the same ` +
      `--port-offset, and see that nothing in between refuses these ports. ${nothing}`;
    return new CommandFailure(ExitCode.nobodyReachable, "no-other-machine", message);
  }
}
