import { asObject, hasMembers, isInteger, isShallow, isText, type JsonObject, MOST_NESTING } from "../json-shape.js";
import type { Json } from "../state-machine.js";
import { canonicalText } from "./canonical.js";
import { isProof } from "./proof-of-work.js";

/** The longest key, in characters of its canonical text. */
export const MOST_LEDGER_KEY_CHARACTERS = 1024;

/** The longest value, in characters of its canonical text. */
export const MOST_LEDGER_VALUE_CHARACTERS = 65_536;

/** The longest name of a server, in characters. */
export const MOST_PROPOSER_CHARACTERS = 64;

/** How deep a key or a value may be nested: a command has it two levels down, and deeper ones are no command at all. */
const MOST_VALUE_NESTING = MOST_NESTING - 2;

/** What a block does. A get is a block, too: the chain tells who read what. Keys and values are any JSON. */
export type LedgerOperation =
  | { readonly type: "get"; readonly key: Json }
  | { readonly type: "put"; readonly key: Json; readonly value: Json };

/** What a command of the log carries: an operation, and all of its block that is known before its place is. */
export interface LedgerCommand {
  readonly operation: LedgerOperation;
  /** An integer 0..2^53-1 that proves the work for the operation. */
  readonly nonce: number;
  /** The server that took the request and did the work, by its node's name. */
  readonly proposer: string;
  /** When it did, in milliseconds since 1970 by its own clock. */
  readonly time: number;
}

/** A command once it is understood, with the canonical texts that the ledger works with. */
export interface UnderstoodCommand extends LedgerCommand {
  readonly keyText: string;
  /** Of the value; null for a get. */
  readonly valueText: string | null;
}

/** The command as the JSON that the log carries. */
export function ledgerCommandJson({ operation, nonce, proposer, time }: LedgerCommand): Json {
  return { operation, nonce, proposer, time };
}

/**
 * Strict: a member too many, a key or value too long or without canonical text, or a nonce that proves no work makes it
 * no command. @param difficulty as `isProof` takes it
 */
export function parseLedgerCommand(json: Json, difficulty: number): UnderstoodCommand | null {
  const object = asObject(json);
  if (object === null || !hasMembers(object, ["operation", "nonce", "proposer", "time"])) return null;
  const { nonce, proposer, time } = object;
  const given = asObject(object.operation ?? null);
  const texts = given === null ? null : textsOf(given);
  if (texts === null || typeof texts === "string" || !isInteger(nonce, 0) || !isInteger(time, 0)) return null;
  if (!isText(proposer, 1, MOST_PROPOSER_CHARACTERS) || !proposer.isWellFormed()) return null;
  const operation = given as unknown as LedgerOperation;
  return isProof(operation, nonce, difficulty) ? { operation, nonce, proposer, time, ...texts } : null;
}

/** @returns null for what is no operation of a ledger: `operationComplaint` says why */
export function parseLedgerOperation(json: Json): LedgerOperation | null {
  const object = asObject(json);
  return object !== null && operationComplaint(object) === null ? (object as unknown as LedgerOperation) : null;
}

/** What is wrong with this as an operation, for people; null if nothing is. */
export function operationComplaint(object: JsonObject): string | null {
  const texts = textsOf(object);
  return typeof texts === "string" ? texts : null;
}

/** The canonical texts of an operation; or what is wrong with it, for people. */
function textsOf(object: JsonObject): Pick<UnderstoodCommand, "keyText" | "valueText"> | string {
  switch (object.type) {
    case "get":
      if (!hasMembers(object, ["type", "key"])) return "a get has a key, and nothing else";
      break;
    case "put":
      if (!hasMembers(object, ["type", "key", "value"])) return "a put has a key and a value, and nothing else";
      break;
    default:
      return 'the type of an operation is "get" or "put"';
  }
  const key = textOrComplaint("key", object.key as Json, MOST_LEDGER_KEY_CHARACTERS);
  if ("complaint" in key) return key.complaint;
  if (object.type === "get") return { keyText: key.text, valueText: null };
  const value = textOrComplaint("value", object.value as Json, MOST_LEDGER_VALUE_CHARACTERS);
  return "complaint" in value ? value.complaint : { keyText: key.text, valueText: value.text };
}

function textOrComplaint(
  name: string,
  value: Json,
  most: number,
): { readonly text: string } | { readonly complaint: string } {
  if (!isShallow(value, MOST_VALUE_NESTING)) {
    return { complaint: `the ${name} is nested deeper than ${MOST_VALUE_NESTING} levels` };
  }
  const text = canonicalText(value);
  if (text === null) return { complaint: `the ${name} has half a surrogate pair or a number that is too large` };
  if (text.length <= most) return { text };
  return { complaint: `the ${name} has ${text.length} characters as canonical JSON; at most ${most} are` };
}
