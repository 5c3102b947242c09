import type { AddBlockReply } from "@synod/api";
import { StoreError } from "../calls/store-errors.js";
import type { Json } from "./json.js";

/** What a block is to do. */
export type LedgerOperation =
  | { readonly type: "get"; readonly key: Json }
  | { readonly type: "put"; readonly key: Json; readonly value: Json };

/** What came of a request, and the block that it is. */
export interface LedgerAnswer {
  /** `success`: it was put. `value`: it was found, and is in `value`. */
  readonly answer: AddBlockReply["answer"];
  /** What was found; null if nothing was, or of a put. */
  readonly value: Json;
  /** The place of the block in the chain, from 1. */
  readonly height: number;
  /** The block's, in hexadecimal. */
  readonly hash: string;
  /** Names the request: no two blocks have one. */
  readonly requestId: string;
  readonly nonce: number;
  /** Of the log under the chain. */
  readonly slot: number;
}

/** @returns null if the body has not the form of an answer */
export function answerIn(body: unknown): LedgerAnswer | null {
  const { answer, value, height, hash, requestId, nonce, slot } = body as Partial<AddBlockReply>;
  const isWhole =
    (answer === "success" || answer === "value" || answer === "KEY_DOES_NOT_EXIST") &&
    (answer !== "value" || value !== undefined) &&
    typeof height === "number" &&
    typeof hash === "string" &&
    typeof requestId === "string" &&
    typeof nonce === "number" &&
    typeof slot === "number";
  if (!isWhole) return null;
  return { answer, value: answer === "value" ? (value as Json) : null, height, hash, requestId, nonce, slot };
}

/**
 * A key or value that servers can be sent as it is.
 *
 * @throws {StoreError} `bad-request` for what JSON has no text for: it would arrive as something else
 */
export function checkedJson(value: Json, what: "key" | "value"): Json {
  if (isJson(value)) return value;
  const message = `a ${what} is any JSON: null, a boolean, a finite number, a string, an array or an object of these`;
  throw new StoreError("bad-request", message, true);
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return true;
  if (typeof value === "number") return Number.isFinite(value);
  // Not `every`, which passes over places that hold nothing.
  if (Array.isArray(value)) return Array.from(value).every(isJson);
  if (typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}
