import {
  type Input,
  invariant,
  LogClient,
  type LogClientOptions,
  type LogMessage,
  type LogOutcome,
  type LogRequest,
  MOMENT_TIMER,
  Outbox,
  type Participant,
  type Ready,
} from "@synod/consensus";
import { encodeOpenSession } from "../sessions/envelope.js";
import { type CommandGroup, CommandGroups, type PlacedWrite, type TouchedBy, valueOfGroup } from "./command-groups.js";
import type { GatewayReply, GatewayRequest } from "./gateway-messages.js";
import { OwnSession } from "./own-session.js";
import { type Result, resultOf, resultsOf, sharedAmong } from "./results.js";
import { SeenSlots } from "./seen-slots.js";

export interface GatewayOptions extends LogClientOptions {
  /** A name that nobody else has or had, also not this process before a restart: drawn at random, 128 bits or so. */
  newClientId(): string;
  /** Writes that wait for a number in the session; more are refused. Default 10,000. */
  readonly mostWaiting?: number;
  /** For a machine whose operations may share a slot. Default: each write has a slot of its own. */
  readonly touches?: TouchedBy | undefined;
}

type Write = GatewayRequest & { kind: "write" };
type Read = GatewayRequest & { kind: "read" };

const DEADLINE = "gateway deadline ";
const OPENING = "opening ";

/**
 * A client of the log that makes every command happen once, and every read as fresh as it was asked to be.
 *
 * Its commands carry numbers in a session (Ongaro's thesis §6.3), so that a command which is sent again, to whomever,
 * is carried out once. The session is opened by a command of its own, which has no other effect: were it the first
 * command that opens it, a late copy of that one could open an expired session anew, and happen twice.
 */
export class Gateway implements Participant<LogMessage, never, GatewayRequest, GatewayReply> {
  readonly #options: GatewayOptions;
  readonly #client: LogClient;
  readonly #out = new Outbox<LogMessage, never, never, GatewayReply>();
  readonly #seen = new SeenSlots();
  #session: OwnSession | null = null;
  #isOpening = false;
  #openings = 0;
  /** Writes that wait for a number, in their order. */
  readonly #waiting = new Map<string, Write>();
  readonly #groups: CommandGroups;
  /** Writes that were submitted together, by the id of that submission. */
  readonly #submitted = new Map<string, CommandGroup>();
  readonly #openSessions = new Set<string>();
  readonly #reads = new Map<string, Read>();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#client = new LogClient(options);
    this.#groups = new CommandGroups(options.touches);
  }

  /** Plain data, for a look from outside. */
  get state() {
    return {
      ...this.#client.state,
      client: this.#session?.client ?? null,
      isSessionOpen: this.#session !== null && this.#session.openedAt !== null,
      waiting: this.#waiting.size,
    };
  }

  step(input: Input<LogMessage, GatewayRequest>): Ready<LogMessage, never, never, GatewayReply> {
    if (input.kind === "propose") this.#begin(input.requestId, input.command);
    else if (input.kind === "timeout" && input.timer.startsWith(DEADLINE)) this.#timeIsUp(input.timer);
    else if (input.kind === "timeout" && input.timer === MOMENT_TIMER) this.#momentIsOver(input);
    else this.#pass(input);
    return this.#out.take();
  }

  #begin(requestId: string, request: GatewayRequest): void {
    switch (request.kind) {
      case "read":
        this.#read(requestId, request);
        return;
      case "open-session":
        this.#openSessions.add(requestId);
        this.#submit(requestId, encodeOpenSession(request.client), request.timeoutMs);
        return;
      case "write":
        if (request.session === null) this.#write(requestId, request);
        else this.#gather({ requestId, request, position: request.session, session: null });
        return;
    }
  }

  // --- Writes in the own session -------------------------------------------------------------------------------------

  #write(requestId: string, request: Write): void {
    if (this.#waiting.size === 0 && this.#session?.hasRoom) {
      this.#number(requestId, request, this.#session);
      return;
    }
    if (this.#waiting.size >= (this.#options.mostWaiting ?? 10_000)) {
      this.#out.reply(requestId, { kind: "refused", reason: "overloaded" });
      return;
    }
    this.#waiting.set(requestId, request);
    this.#out.timer(DEADLINE + requestId, request.timeoutMs);
    this.#open(request.timeoutMs);
  }

  /** Opens a session, unless there is one, or one is being opened. */
  #open(timeoutMs: number): void {
    if (this.#isOpening || (this.#session && this.#session.openedAt !== null)) return;
    this.#session ??= new OwnSession(this.#options.newClientId());
    this.#isOpening = true;
    this.#submit(OPENING + ++this.#openings, encodeOpenSession(this.#session.client), timeoutMs);
  }

  /** Numbers those that wait, as far as there is room. */
  #goOn(): void {
    for (const [requestId, request] of this.#waiting) {
      if (!this.#session?.hasRoom) return;
      this.#waiting.delete(requestId);
      this.#out.timer(DEADLINE + requestId, null);
      this.#number(requestId, request, this.#session);
    }
  }

  #number(requestId: string, request: Write, session: OwnSession): void {
    this.#gather({ requestId, request, position: session.take(), session });
  }

  #timeIsUp(timer: string): void {
    const requestId = timer.slice(DEADLINE.length);
    // It never got a number, so that nobody can have carried it out.
    if (this.#waiting.delete(requestId)) this.#out.reply(requestId, { kind: "refused", reason: "no-leader" });
  }

  #opened(outcome: LogOutcome): void {
    this.#isOpening = false;
    const openedAt = resultOf(outcome)?.["openedAt"];
    const isOpened = typeof openedAt === "number";
    if (isOpened && this.#session) this.#session.openedAt = openedAt;
    // Of an opening that may still happen nothing depends: the next one opens the same session again.
    if (outcome.kind === "refused") this.#refuseWaiting(outcome);
    const [next] = this.#waiting.values();
    if (!isOpened && next) this.#open(next.timeoutMs);
    this.#goOn();
  }

  #refuseWaiting(reply: GatewayReply): void {
    for (const requestId of this.#waiting.keys()) {
      this.#out.timer(DEADLINE + requestId, null);
      this.#out.reply(requestId, reply);
    }
    this.#waiting.clear();
  }

  // --- Writes with their place in a session --------------------------------------------------------------------------

  /** Until the end of this moment: what has begun by then travels together. */
  #gather(write: PlacedWrite): void {
    if (this.#groups.isEmpty) this.#out.timer(MOMENT_TIMER, 0);
    this.#groups.add(write);
  }

  #momentIsOver(input: Input<LogMessage, LogRequest>): void {
    for (const group of this.#groups.take()) {
      this.#submitted.set(group.id, group);
      this.#submit(group.id, valueOfGroup(group), group.writes[0]?.request.timeoutMs ?? 0);
    }
    // With these the client began a moment of its own, which this one's end ends as well.
    if (this.#groups.isEmpty) this.#out.timer(MOMENT_TIMER, null);
    this.#pass(input);
  }

  // --- Reads ---------------------------------------------------------------------------------------------------------

  #read(requestId: string, request: Read): void {
    this.#reads.set(requestId, request);
    const { query, level, label, token, timeoutMs } = request;
    const atLeast = level === "session" ? (token ?? this.#seen.of(label)) : 0;
    this.#ask(requestId, {
      kind: "query",
      query: JSON.stringify(query),
      strong: level === "strong",
      atLeast,
      timeoutMs,
    });
  }

  // --- The client underneath -----------------------------------------------------------------------------------------

  #submit(requestId: string, value: string, timeoutMs: number): void {
    this.#ask(requestId, { kind: "submit", value, timeoutMs });
  }

  #ask(requestId: string, command: LogRequest): void {
    this.#pass({ kind: "propose", requestId, command });
  }

  /** Gives the client an input, and takes up what it replies. */
  #pass(input: Input<LogMessage, LogRequest>): void {
    const { messages, timers, replies } = this.#client.step(input);
    for (const { to, message } of messages) this.#out.send(to, message);
    for (const { timer, afterMs } of timers) this.#out.timer(timer, afterMs);
    for (const { requestId, reply } of replies) this.#came(requestId, reply);
  }

  #came(requestId: string, outcome: LogOutcome): void {
    if (requestId.startsWith(OPENING)) this.#opened(outcome);
    else if (this.#reads.has(requestId)) this.#readCame(requestId, outcome);
    else if (this.#openSessions.delete(requestId)) this.#reply(requestId, outcome, null, resultOf(outcome));
    else this.#writeCame(requestId, outcome);
  }

  #readCame(requestId: string, outcome: LogOutcome): void {
    const request = this.#reads.get(requestId);
    this.#reads.delete(requestId);
    invariant(request !== undefined, "a read is answered once");
    if (outcome.kind !== "answered") {
      this.#reply(requestId, outcome, request.label, null);
      return;
    }
    const { slot, answer, learner, cost } = outcome;
    const token = Math.max(request.token ?? 0, this.#seen.saw(request.label, slot));
    this.#out.reply(requestId, { kind: "read", slot, answer: JSON.parse(answer), learner, token, cost });
  }

  #writeCame(requestId: string, outcome: LogOutcome): void {
    const group = this.#submitted.get(requestId);
    this.#submitted.delete(requestId);
    invariant(group !== undefined, "a write is answered once");
    const { writes } = group;
    const shared = sharedAmong(outcome, writes.length);
    const each = resultsOf(resultOf(outcome), writes.length);
    for (const [place, write] of writes.entries()) this.#ended(write, shared, each?.[place] ?? null);
    const [next] = this.#waiting.values();
    if (this.#session === null && next) this.#open(next.timeoutMs);
    this.#goOn();
  }

  #ended({ requestId, request, position, session }: PlacedWrite, outcome: LogOutcome, applied: Result | null): void {
    session?.close(position.sequence);
    const kind = applied?.["kind"];
    // A number that is still open can be superseded only if somebody else used our name: then it is of no use any more.
    const isLost = kind === "session-expired" || kind === "superseded";
    if (isLost && session !== null && session === this.#session) this.#session = null;
    this.#reply(requestId, outcome, request.label, applied);
  }

  /** @param applied what came of it, as far as it was applied and that is known */
  #reply(requestId: string, outcome: LogOutcome, label: string | null, applied: Result | null): void {
    if (outcome.kind === "applied" && applied) this.#out.reply(requestId, this.#written(outcome, label, applied));
    else if (outcome.kind === "refused") this.#out.reply(requestId, outcome);
    else this.#out.reply(requestId, { kind: "unknown" });
  }

  #written({ slot, cost }: LogOutcome & { kind: "applied" }, label: string | null, applied: Result): GatewayReply {
    const { kind, openedAt = null, result: answer = null } = applied;
    const token = this.#seen.saw(label, slot);
    switch (kind) {
      case "result":
        return { kind: "written", slot, result: answer, token, cost };
      case "opened":
        return { kind: "written", slot, result: { openedAt }, token, cost };
      case "session-expired":
        return { kind: "session-expired" };
      default:
        // Superseded: it was given up, and may have happened before that. Or too far ahead: a copy that was sent again
        // may come when there is room.
        return { kind: "unknown" };
    }
  }
}
