import { encodeCommands, type SessionPosition } from "../sessions/envelope.js";
import type { Json } from "../state-machine.js";
import type { GatewayRequest } from "./gateway-messages.js";
import type { OwnSession } from "./own-session.js";

/** A write that has its place in a session. */
export interface PlacedWrite {
  readonly requestId: string;
  readonly request: GatewayRequest & { readonly kind: "write" };
  readonly position: SessionPosition;
  /** The gateway's session; null: the client's own. */
  readonly session: OwnSession | null;
}

/** Writes that share a value of the log, in the order of their sequences. Its id is the first one's. */
export interface CommandGroup {
  readonly id: string;
  readonly writes: PlacedWrite[];
  /** Their operations, as JSON texts. */
  readonly operations: string[];
  /** What they touch. */
  readonly touched: Set<string>;
  characters: number;
}

/** Commands in one value at most, ... */
const MOST_COMMANDS = 128;
/** ... and the length of their operations, in characters, unless one alone is longer. */
const MOST_CHARACTERS = 64 * 1024;

/**
 * What an operation touches, for machines whose operations may share a slot (`StateMachine.touches`); null: it has a slot of
 * its own. It must say so of whatever the machine would not understand: a value is understood as a whole, or not at all.
 */
export type TouchedBy = (operation: Json) => string | null;

/** Gathers the writes of a moment into as few values of the log as can be. */
export class CommandGroups {
  readonly #touches: TouchedBy;
  #gathered: CommandGroup[] = [];

  constructor(touches: TouchedBy = () => null) {
    this.#touches = touches;
  }

  get isEmpty(): boolean {
    return this.#gathered.length === 0;
  }

  add(write: PlacedWrite): void {
    const { operation } = write.request;
    const text = JSON.stringify(operation);
    const touches = this.#touches(operation);
    const last = this.#gathered.at(-1);
    const group = last && touches !== null && mayJoin(last, write, touches, text.length) ? last : this.#begin(write);
    group.writes.push(write);
    group.operations.push(text);
    group.characters += text.length;
    if (touches !== null) group.touched.add(touches);
  }

  /** What was gathered, which is then no longer here. */
  take(): readonly CommandGroup[] {
    const groups = this.#gathered;
    this.#gathered = [];
    return groups;
  }

  #begin({ requestId }: PlacedWrite): CommandGroup {
    const group: CommandGroup = { id: requestId, writes: [], operations: [], touched: new Set(), characters: 0 };
    this.#gathered.push(group);
    return group;
  }
}

/** The value of the log that carries a group. */
export function valueOfGroup({ writes, operations }: CommandGroup): string {
  const [{ position }] = writes as [PlacedWrite];
  return encodeCommands(position, operations);
}

/** Whether a write is the next one in the session of this group, has as much time, and touches nothing that others do. */
function mayJoin(group: CommandGroup, write: PlacedWrite, touches: string, characters: number): boolean {
  const { writes, touched } = group;
  const [first] = writes as [PlacedWrite];
  const { client, openedAt, sequence, firstUnacknowledged } = write.position;
  return (
    first.position.client === client &&
    first.position.openedAt === openedAt &&
    first.position.firstUnacknowledged === firstUnacknowledged &&
    first.position.sequence + writes.length === sequence &&
    first.request.timeoutMs === write.request.timeoutMs &&
    writes.length < MOST_COMMANDS &&
    group.characters + characters <= MOST_CHARACTERS &&
    // One that has a slot of its own touches nothing that is known here.
    touched.size === writes.length &&
    !touched.has(touches)
  );
}
