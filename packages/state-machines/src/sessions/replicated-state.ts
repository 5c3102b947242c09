import { invariant, type LogApplication } from "@synod/consensus";
import { asObject, isInteger, isShallow, parseJson } from "../json-shape.js";
import { NotASnapshot } from "../pieces.js";
import type { StateMachine } from "../state-machine.js";
import { APPLIED_NO_OP, NOT_A_COMMAND, openedText, resultsText, resultText } from "./applied-result.js";
import { type Command, parseEnvelope } from "./envelope.js";
import type { SessionLimits } from "./session-limits.js";
import { restoredSessions, sessionPieces } from "./session-rows.js";
import { SessionTable } from "./session-table.js";

/** Looks on while values are applied. It must not throw, and not touch the state. */
export interface ReplicatedStateObserver<Change> {
  /** Operations were carried out at this slot, with these changes, which may be none. Slots come in order, each once. */
  applied?(slot: number, changes: readonly Change[]): void;
  /** The value of this slot is no command and did nothing: a person's hand. */
  foreign?(slot: number, value: string): void;
}

export interface ReplicatedStateOptions<Change> {
  /** Must be equal at all replicas. */
  readonly limits?: Partial<SessionLimits>;
  readonly observer?: ReplicatedStateObserver<Change>;
}

/** A command that this machine understands. */
interface UnderstoodCommand<Operation> {
  readonly command: Command;
  readonly operation: Operation;
}

/** A value of the log, understood as far as this machine understands it. */
type Understood<Operation> =
  | ({ readonly kind: "command" } & UnderstoodCommand<Operation>)
  | { readonly kind: "commands"; readonly commands: readonly UnderstoodCommand<Operation>[] }
  | { readonly kind: "open-session"; readonly client: string }
  | { readonly kind: "no-op" }
  | { readonly kind: "foreign" };

const SNAPSHOT_FORMAT = "synod-replicated-state";
const SNAPSHOT_VERSION = 1;

/**
 * A state machine behind a log: understands values, makes each command happen once, and puts sessions and machine into
 * one snapshot. What comes of a value is an `AppliedResult` as JSON text.
 *
 * Deterministic, given a machine that is: replicas with the same machine and limits that apply the same log give the
 * same results and hold the same state.
 */
export class ReplicatedState<Operation, Change> implements LogApplication {
  readonly #machine: StateMachine<Operation, Change>;
  readonly #observer: ReplicatedStateObserver<Change>;
  #sessions: SessionTable;
  #appliedThrough = 0;

  /** @param machine a fresh one, which from here on belongs to this state */
  constructor(machine: StateMachine<Operation, Change>, options: ReplicatedStateOptions<Change> = {}) {
    this.#machine = machine;
    this.#observer = options.observer ?? {};
    this.#sessions = new SessionTable(options.limits);
  }

  /** The last slot applied; 0 before the first. */
  get appliedThrough(): number {
    return this.#appliedThrough;
  }

  /** Sessions that live. */
  get sessionCount(): number {
    return this.#sessions.sessionCount;
  }

  /** Replies that are kept for clients that ask again. */
  get replyCount(): number {
    return this.#sessions.replyCount;
  }

  /**
   * Applies the value of a slot. Never throws on any value.
   *
   * @param slot above all slots before
   * @throws {InvariantViolation} if it is not: a slot applied twice is a lost state
   */
  apply(slot: number, value: string): string {
    invariant(Number.isSafeInteger(slot) && slot > this.#appliedThrough, "slots are applied in order, each once");
    this.#appliedThrough = slot;
    const understood = this.#understand(value);
    switch (understood.kind) {
      case "command":
        return this.#carryOut(slot, [understood])[0] as string;
      case "commands":
        return resultsText(this.#carryOut(slot, understood.commands));
      case "open-session":
        return openedText(this.#sessions.open(slot, understood.client));
      case "no-op":
        return APPLIED_NO_OP;
      case "foreign":
        this.#observer.foreign?.(slot, value);
        return NOT_A_COMMAND;
    }
  }

  /**
   * What came of a value when it was applied at this slot, as far as that is certain: of a command, what its session
   * remembers; of an opening, that it opened a session that still lives.
   *
   * @returns null if it is not applied yet, or no longer known
   */
  recall(slot: number, value: string): string | null {
    if (slot > this.#appliedThrough) return null;
    const understood = this.#understand(value);
    switch (understood.kind) {
      case "command":
        return this.#sessions.recall(slot, understood.command);
      case "commands":
        return this.#recallAll(slot, understood.commands);
      case "open-session": {
        const openedAt = this.#sessions.openedAt(understood.client);
        // Opened by a later slot, it is another session than the one that this slot was about.
        return openedAt !== null && openedAt <= slot ? openedText(openedAt) : null;
      }
      case "no-op":
        return APPLIED_NO_OP;
      case "foreign":
        return NOT_A_COMMAND;
    }
  }

  /** Answers a question to the machine; `{"error": ...}` for what is no JSON or no question. Never throws. */
  read(query: string): string {
    const question = parseJson(query);
    if (question === undefined) return JSON.stringify({ error: "a query is JSON text; this is not" });
    if (!isShallow(question)) return JSON.stringify({ error: "the query is nested too deep" });
    return JSON.stringify(this.#machine.read(question));
  }

  /** A head that says what follows, then the pieces of the sessions, then those of the machine. */
  snapshot(): readonly string[] {
    const sessions = sessionPieces(this.#sessions);
    const machine = this.#machine.snapshot();
    const head = {
      format: SNAPSHOT_FORMAT,
      version: SNAPSHOT_VERSION,
      appliedThrough: this.#appliedThrough,
      limits: this.#sessions.limits,
      sessionPieces: sessions.length,
      machinePieces: machine.length,
    };
    return [JSON.stringify(head), ...sessions, ...machine];
  }

  /**
   * Takes the state of a snapshot in place of its own, all of it or, if it throws, nothing. The observer is not told:
   * who keeps changes for others begins anew at `appliedThrough`.
   *
   * @param through the slot that it must hold the state of; if absent, any
   * @throws {NotASnapshot} if these are not the pieces of one snapshot, in order, of this machine and with these limits
   */
  restore(pieces: readonly string[], through?: number): void {
    const head = parseHead(pieces, this.#sessions.limits);
    // From outside, too: a state of another slot would be taken for this one's, and what follows for what is there.
    if (through !== undefined && head.appliedThrough !== through) {
      throw new NotASnapshot(`the snapshot is the state of slot ${head.appliedThrough}, not of ${through}`);
    }
    const machineFrom = 1 + head.sessionPieces;
    const sessions = restoredSessions(pieces.slice(1, machineFrom), this.#sessions.limits);
    // The last thing that can fail, and it changes nothing when it does.
    this.#machine.restore(pieces.slice(machineFrom));
    this.#sessions = sessions;
    this.#appliedThrough = head.appliedThrough;
  }

  #understand(value: string): Understood<Operation> {
    const envelope = parseEnvelope(value);
    if (envelope.kind === "commands") return this.#understandGroup(envelope.commands);
    if (envelope.kind !== "command") return envelope;
    const operation = this.#machine.parseOperation(envelope.operation);
    // That depends on the value alone, so every copy of it is foreign, and no sequence of the session is used up.
    return operation === null ? { kind: "foreign" } : { kind: "command", command: envelope, operation };
  }

  /** All of a group is understood, or nothing of it. */
  #understandGroup(group: readonly Command[]): Understood<Operation> {
    const commands: UnderstoodCommand<Operation>[] = [];
    const touched = new Set<string>();
    for (const command of group) {
      const operation = this.#machine.parseOperation(command.operation);
      if (operation === null) return { kind: "foreign" };
      const touches = this.#machine.touches?.(operation);
      // Two writes of one thing would have one revision, and whoever compares it could not tell them apart.
      if (touches === undefined || touched.has(touches)) return { kind: "foreign" };
      touched.add(touches);
      commands.push({ command, operation });
    }
    return { kind: "commands", commands };
  }

  /** @returns what comes of each, in their order */
  #carryOut(slot: number, commands: readonly UnderstoodCommand<Operation>[]): string[] {
    const changes: Change[] = [];
    let isAnyCarriedOut = false;
    const results: string[] = [];
    for (const { command, operation } of commands) {
      const result = this.#sessions.once(command, () => {
        isAnyCarriedOut = true;
        const came = this.#machine.apply(slot, operation, command);
        for (const change of came.changes) changes.push(change);
        return resultText(came.result);
      });
      results.push(result);
    }
    if (isAnyCarriedOut) this.#observer.applied?.(slot, changes);
    return results;
  }

  #recallAll(slot: number, commands: readonly UnderstoodCommand<Operation>[]): string | null {
    const results: string[] = [];
    for (const { command } of commands) {
      const result = this.#sessions.recall(slot, command);
      if (result === null) return null;
      results.push(result);
    }
    return resultsText(results);
  }
}

function parseHead(
  pieces: readonly string[],
  limits: SessionLimits,
): { readonly appliedThrough: number; readonly sessionPieces: number } {
  const head = asObject(parseJson(pieces[0] ?? ""));
  if (head?.format !== SNAPSHOT_FORMAT) throw new NotASnapshot("the first piece is not the head of a snapshot");
  if (head.version !== SNAPSHOT_VERSION) {
    throw new NotASnapshot(`the snapshot has version ${JSON.stringify(head.version)}; known is ${SNAPSHOT_VERSION}`);
  }
  const named = asObject(head.limits) ?? {};
  for (const [name, limit] of Object.entries(limits)) {
    if (named[name] !== limit) {
      throw new NotASnapshot(
        `the snapshot was made with ${name} = ${JSON.stringify(named[name])}, here it is ${limit}: the limits of ` +
          "sessions must be equal at all replicas",
      );
    }
  }
  const { appliedThrough, sessionPieces, machinePieces } = head;
  if (!isInteger(appliedThrough, 0) || !isInteger(sessionPieces, 0) || !isInteger(machinePieces, 0)) {
    throw new NotASnapshot("the head of the snapshot does not say what follows");
  }
  const rest = sessionPieces + machinePieces;
  if (pieces.length !== 1 + rest) {
    throw new NotASnapshot(`the snapshot has ${pieces.length - 1} pieces after its head; the head says ${rest}`);
  }
  return { appliedThrough, sessionPieces };
}
