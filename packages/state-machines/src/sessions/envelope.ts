import { NO_OP } from "@synod/consensus";
import { asObject, hasMembers, isInteger, isShallow, isText, type JsonObject, parseJson } from "../json-shape.js";
import type { Json } from "../state-machine.js";

/** The longest name of a client, in characters. */
export const MOST_CLIENT_CHARACTERS = 64;

/** A place in a client's session. Sequence 1 is the opening of the session itself; commands follow, each with its own. */
export interface SessionPosition {
  /** 1..64 characters, drawn by the client at random and long enough that no two clients draw the same. */
  readonly client: string;
  /** The slot that opened the session, as the answer to its opening said: a late copy of the opening makes another one. */
  readonly openedAt: number;
  /** An integer 1..2^53-1: the same for every copy of one command, and never used for another. */
  readonly sequence: number;
  /** The client has, or no longer wants, the results of all its commands below this one; at most `sequence`. */
  readonly firstUnacknowledged: number;
}

/** An operation that a client wants to happen exactly once. */
export interface Command extends SessionPosition {
  readonly operation: Json;
}

/** What a value of the log turns out to be. */
export type Envelope =
  | ({ readonly kind: "command" } & Command)
  /** Several commands of one session, with sequences that follow each other: they share a slot. */
  | { readonly kind: "commands"; readonly commands: readonly Command[] }
  | { readonly kind: "open-session"; readonly client: string }
  /** What a leader fills a slot with. */
  | { readonly kind: "no-op" }
  /** Something else: a person accepted it by hand. */
  | { readonly kind: "foreign" };

/**
 * The value that carries a command. It is not checked: what `parseEnvelope` would not understand is applied as no
 * command at all, so check what comes from outside with `isSessionPosition` first.
 */
export function encodeCommand(command: Command): string {
  return encodeCommands(command, [JSON.stringify(command.operation)]);
}

/**
 * The value that carries several commands of one session, or one. Not checked either: `parseEnvelope` says what a group is.
 *
 * @param first the place of the first; the others take the sequences after it
 * @param operations JSON texts, one or more
 */
export function encodeCommands(first: SessionPosition, operations: readonly string[]): string {
  const { client, openedAt, sequence, firstUnacknowledged } = first;
  const isGroup = operations.length > 1;
  const type = isGroup ? "commands" : "command";
  const head = JSON.stringify({ type, client, openedAt, sequence, firstUnacknowledged }).slice(0, -1);
  return isGroup ? `${head},"operations":[${operations.join(",")}]}` : `${head},"operation":${operations[0]}}`;
}

/** The value that opens a session, as sequence 1 of it. Check what comes from outside with `isClient` first. */
export function encodeOpenSession(client: string): string {
  return JSON.stringify({ type: "open-session", client });
}

/** Whether this can be the name of a client. */
export function isClient(value: Json | undefined): value is string {
  return isText(value, 1, MOST_CLIENT_CHARACTERS);
}

/** Whether these four can stand in a command. */
export function isSessionPosition(value: { readonly [name in keyof SessionPosition]?: Json | undefined }): boolean {
  const { client, openedAt, sequence, firstUnacknowledged } = value;
  const isNumbered = isInteger(sequence, 1) && isInteger(firstUnacknowledged, 1) && firstUnacknowledged <= sequence;
  return isClient(client) && isInteger(openedAt, 1) && isNumbered;
}

/**
 * What a value of the log says. Strict: a member too many or of a wrong shape makes it foreign. Never throws, whatever
 * text it is given, and says the same at every replica.
 */
export function parseEnvelope(value: string): Envelope {
  if (value === NO_OP) return { kind: "no-op" };
  const object = asObject(parseJson(value));
  switch (object?.type) {
    case "command":
      return parseCommand(object);
    case "commands":
      return parseCommands(object);
    case "open-session":
      if (!hasMembers(object, ["type", "client"]) || !isClient(object.client)) break;
      return { kind: "open-session", client: object.client };
    case "no-op":
      if (hasMembers(object, ["type"])) return { kind: "no-op" };
  }
  return { kind: "foreign" };
}

function parseCommand(object: JsonObject): Envelope {
  const { client, openedAt, sequence, firstUnacknowledged, operation } = object;
  const isCommand =
    hasMembers(object, ["type", "client", "openedAt", "sequence", "firstUnacknowledged", "operation"]) &&
    isSessionPosition(object) &&
    operation !== undefined &&
    isShallow(operation);
  if (!isCommand) return { kind: "foreign" };
  return {
    kind: "command",
    client: client as string,
    openedAt: openedAt as number,
    sequence: sequence as number,
    firstUnacknowledged: firstUnacknowledged as number,
    operation,
  };
}

function parseCommands(object: JsonObject): Envelope {
  const { operations, sequence } = object;
  const isGroup =
    hasMembers(object, ["type", "client", "openedAt", "sequence", "firstUnacknowledged", "operations"]) &&
    isSessionPosition(object) &&
    Array.isArray(operations) &&
    operations.length >= 2 &&
    // In this order: larger sums are rounded, and 2^53-1 + 2 - 1 comes to 2^53-1.
    isInteger((sequence as number) + (operations.length - 1), 1) &&
    operations.every((operation) => isShallow(operation));
  if (!isGroup) return { kind: "foreign" };
  const commands: Command[] = [];
  for (const operation of operations as readonly Json[]) {
    commands.push({
      client: object.client as string,
      openedAt: object.openedAt as number,
      sequence: (sequence as number) + commands.length,
      firstUnacknowledged: object.firstUnacknowledged as number,
      operation,
    });
  }
  return { kind: "commands", commands };
}
