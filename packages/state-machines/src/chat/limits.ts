import { isInteger, isText } from "../json-shape.js";
import { isHexDigest } from "../ledger/digest.js";
import type { Json } from "../state-machine.js";

/** The longest message, in characters. */
export const MOST_TEXT_CHARACTERS = 4000;

/** Messages that one operation names, at most. */
export const MOST_IDS = 1000;

/** What a name is, for people. */
export const USER_NAME_RULE = "1 to 32 of a-z, 0-9, _ . and -, beginning with a letter or a digit";

/** Whether somebody can be called so. ASCII alone: replicas whose Unicode tables differ must not differ in what a name is. */
export function isUserName(value: Json | undefined): value is string {
  return typeof value === "string" && /^[a-z0-9][a-z0-9_.-]{0,31}$/.test(value);
}

export function isMessageText(value: Json | undefined): value is string {
  return isText(value, 1, MOST_TEXT_CHARACTERS) && value.isWellFormed();
}

/** Whether these are ids of messages, each once. */
export function areIds(value: Json | undefined): value is readonly number[] {
  const isList = Array.isArray(value) && value.length >= 1 && value.length <= MOST_IDS;
  return isList && value.every((id: Json) => isInteger(id, 1)) && new Set(value).size === value.length;
}

/** Whether this is the digest of a login's token. */
export const isTokenDigest = isHexDigest;

/** What a chat holds at most. Equal at all replicas, always: it decides what is refused. */
export interface ChatLimits {
  readonly accounts: number;
  /** Of all conversations together. */
  readonly messages: number;
  /** Of all texts together. */
  readonly characters: number;
  /** Of one account at a time: the oldest gives way to a new one. */
  readonly loginsOfAccount: number;
  /** Logins that ended, which an account remembers, so that a late request begins none of them again. */
  readonly endedLoginsOfAccount: number;
}

export const CHAT_LIMITS: ChatLimits = {
  accounts: 100_000,
  messages: 1_000_000,
  characters: 256 * 1024 * 1024,
  loginsOfAccount: 16,
  endedLoginsOfAccount: 16,
};
