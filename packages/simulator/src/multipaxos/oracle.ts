import type { Slot } from "@synod/consensus";
import type { Json, SessionLimits } from "@synod/state-machines";
import { isSame } from "../world/canonical.js";
import type { MachineModel } from "./service.js";

interface OracleSession {
  readonly openedAt: Slot;
  firstUnacknowledged: number;
  readonly replies: Map<number, string>;
}

/** What came of a command, or of a value that is none. */
export interface Came {
  readonly kind: string;
  readonly client: string | null;
  readonly sequence: number;
  /** Of a command: its operation and its result, both as they were. */
  readonly operation: Json;
  /** What no other request's operation has; null if there is no such thing. */
  readonly mark: string | null;
  readonly result: Json;
  /** The command changed the state, or could have: it was carried out here, and not remembered from before. */
  readonly isCarriedOut: boolean;
}

interface Place {
  readonly client: string;
  readonly openedAt: Slot;
  readonly sequence: number;
  readonly firstUnacknowledged: number;
}

interface Command extends Place {
  readonly operation: Json;
}

type Parsed =
  | ({ readonly type: "command" } & Command)
  | ({ readonly type: "commands"; readonly operations: readonly Json[] } & Place)
  | { readonly type: "open-session"; readonly client: string }
  | { readonly type: "no-op" }
  | null;
export type ParsedValues = Map<string, Parsed>;

type Limits = Pick<SessionLimits, "sessions" | "replies" | "sequencesAhead">;

/**
 * What the agreed log leads to, worked out a second time and as simply as can be: by these few maps, with nothing of the
 * machine and of the sessions that learners have.
 */
export class Oracle {
  readonly #limits: Limits;
  readonly #parsed: ParsedValues;
  readonly #machine: MachineModel;
  /** Least recently used first. */
  readonly #sessions = new Map<string, OracleSession>();
  readonly #came: (readonly Came[] | undefined)[] = [];
  #replyCount = 0;
  #through: Slot | 0 = 0;
  /** Sessions that were let go of. */
  expired = 0;

  /** @param parsed what values of the log were found to say; shared by those who replay the same log */
  constructor(limits: Limits, machine: MachineModel, parsed: ParsedValues = new Map()) {
    this.#machine = machine;
    this.#limits = limits;
    this.#parsed = parsed;
  }

  get through(): Slot | 0 {
    return this.#through;
  }

  /** What came of this slot, of each of its commands; nothing if it is not replayed. */
  came(slot: Slot): readonly Came[] {
    return this.#came[slot] ?? [];
  }

  /** Replays the next slot. @returns what came of it: of each command, if several share it, in their order */
  replay(value: string): readonly Came[] {
    const slot = ++this.#through;
    const came = this.#apply(slot, value);
    this.#came[slot] = came;
    return came;
  }

  /** The answer to a question at a slot that is replayed. @param told the one that was given */
  answer(query: Json, slot: Slot | 0, told: Json = null): Json {
    return this.#machine.answer(query, slot, told);
  }

  /** Whether an operation of the log is what a client asked for. */
  isAskedFor(operation: Json, asked: Json): boolean {
    return this.#machine.isAskedFor?.(operation, asked) ?? isSame(operation, asked);
  }

  /** What no other request's operation has; null if there is no such thing. */
  markOf(operation: Json): string | null {
    return this.#machine.markOf(operation);
  }

  /** The commands that a value of the log says, in the order of their sequences. */
  commandsIn(value: string): readonly Command[] {
    const parsed = this.#parse(value);
    if (parsed?.type === "command") return [parsed];
    if (parsed?.type !== "commands") return [];
    const { client, openedAt, sequence, firstUnacknowledged, operations } = parsed;
    return operations.map((operation, place) => {
      return { client, openedAt, sequence: sequence + place, firstUnacknowledged, operation };
    });
  }

  /** All that is stored now, as rows of a snapshot. */
  get rows(): Json[] {
    return this.#machine.rows;
  }

  /** All sessions now, as rows of a snapshot. */
  get sessionRows(): Json[] {
    return [...this.#sessions].flatMap(([client, { openedAt, firstUnacknowledged, replies }]) => [
      [client, openedAt, firstUnacknowledged],
      ...[...replies].sort(([one], [other]) => one - other).map(([sequence, reply]) => [sequence, reply]),
    ]);
  }

  #apply(slot: Slot, value: string): readonly Came[] {
    const none = { client: null, sequence: 0, operation: null, mark: null, result: null, isCarriedOut: false };
    const parsed = this.#parse(value);
    if (parsed?.type === "no-op") return [{ ...none, kind: "no-op" }];
    if (parsed?.type === "open-session") {
      const openedAt = this.#open(slot, parsed.client);
      return [{ ...none, kind: "opened", client: parsed.client, sequence: 1, result: { openedAt } }];
    }
    const commands = this.commandsIn(value);
    const [first] = commands;
    if (first === undefined) return [{ ...none, kind: "not-a-command" }];
    if (!this.#isUnderstood(commands)) {
      const { client, sequence, operation } = first;
      return [{ ...none, client, sequence, operation, kind: "not-a-command" }];
    }
    return commands.map((command) => {
      const { client, sequence, operation } = command;
      return { client, sequence, operation, mark: this.markOf(operation), ...this.#once(slot, command) };
    });
  }

  /** Whether these are operations, and may share a slot if they are several: no two touch the same thing. */
  #isUnderstood(commands: readonly Command[]): boolean {
    const operations = commands.map(({ operation }) => operation);
    if (!operations.every((operation) => this.#machine.isOperation(operation))) return false;
    if (operations.length === 1) return true;
    const touched = operations.map((operation) => this.#machine.touches?.(operation));
    return !touched.includes(undefined) && new Set(touched).size === touched.length;
  }

  #open(slot: Slot, client: string): Slot {
    const known = this.#sessions.get(client) ?? { openedAt: slot, firstUnacknowledged: 2, replies: new Map() };
    this.#use(client, known);
    this.#makeRoom(client);
    return known.openedAt;
  }

  #once(slot: Slot, command: Command): Pick<Came, "kind" | "result" | "isCarriedOut"> {
    const { client, openedAt, sequence, firstUnacknowledged, operation } = command;
    const session = this.#sessions.get(client);
    if (session?.openedAt !== openedAt) return { kind: "session-expired", result: null, isCarriedOut: false };
    this.#use(client, session);
    session.firstUnacknowledged = Math.max(session.firstUnacknowledged, firstUnacknowledged);
    for (const kept of [...session.replies.keys()]) {
      if (kept < session.firstUnacknowledged && session.replies.delete(kept)) this.#replyCount--;
    }
    if (sequence < session.firstUnacknowledged) return { kind: "superseded", result: null, isCarriedOut: false };
    const kept = session.replies.get(sequence);
    if (kept !== undefined) return { kind: "result", result: JSON.parse(kept).result, isCarriedOut: false };
    const isTooFar = sequence - session.firstUnacknowledged >= this.#limits.sequencesAhead;
    const isFull = sequence > session.firstUnacknowledged && session.replies.size >= this.#limits.replies;
    if (isTooFar || isFull) return { kind: "window-exceeded", result: null, isCarriedOut: false };
    const result = this.#machine.carryOut(slot, operation, command);
    session.replies.set(sequence, JSON.stringify({ kind: "result", result }));
    this.#replyCount++;
    this.#makeRoom(client);
    return { kind: "result", result, isCarriedOut: true };
  }

  #use(client: string, session: OracleSession): void {
    this.#sessions.delete(client);
    this.#sessions.set(client, session);
  }

  #makeRoom(inUse: string): void {
    for (const [client, { replies }] of this.#sessions) {
      const isOver = this.#sessions.size > this.#limits.sessions || this.#replyCount > this.#limits.replies;
      if (!isOver || client === inUse) return;
      this.#sessions.delete(client);
      this.#replyCount -= replies.size;
      this.expired++;
    }
  }

  #parse(value: string): Parsed {
    const known = this.#parsed.get(value);
    if (known !== undefined) return known;
    let parsed: Parsed = null;
    try {
      parsed = JSON.parse(value);
    } catch {
      // A person put it there.
    }
    this.#parsed.set(value, parsed);
    return parsed;
  }
}
