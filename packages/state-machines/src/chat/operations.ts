import { asObject, hasMembers, isInteger, type JsonObject } from "../json-shape.js";
import type { Json } from "../state-machine.js";
import { areIds, isMessageText, isTokenDigest, isUserName } from "./limits.js";

/** A password as the log carries it: what scrypt (RFC 7914) made of it, and with which salt and at which cost. */
export type PasswordRecord = {
  /** 32 hexadecimal digits, drawn for this password alone. */
  readonly salt: string;
  /** 64 hexadecimal digits. */
  readonly hash: string;
  /** N of RFC 7914: a power of two, 2^20 at most. */
  readonly cost: number;
  /** r of RFC 7914: 32 at most. */
  readonly blockSize: number;
  /** p of RFC 7914: 32 at most. */
  readonly parallelization: number;
};

/**
 * What can be done. `token`: the SHA-256 of a login's token, in hexadecimal: who reads the log cannot log in with it. The
 * server that was asked has looked at the password, which no replica sees: `credential` names the one that it looked at, by
 * the slot that set it, so that nothing happens if it is another one by now. `time`: in milliseconds since 1970, by the
 * clock of the server that was asked; for people, nothing is ordered by it.
 */
export type ChatOperation =
  | {
      readonly type: "create-account";
      readonly user: string;
      readonly password: PasswordRecord;
      readonly time: number;
    }
  | { readonly type: "log-in"; readonly user: string; readonly credential: number; readonly token: string }
  | { readonly type: "log-out"; readonly token: string }
  | {
      readonly type: "set-password";
      readonly token: string;
      readonly credential: number;
      readonly password: PasswordRecord;
    }
  | { readonly type: "delete-account"; readonly token: string }
  | {
      readonly type: "send";
      readonly token: string;
      readonly to: string;
      readonly text: string;
      readonly time: number;
    }
  | { readonly type: "mark-read"; readonly token: string; readonly ids: readonly number[] }
  | { readonly type: "delete-messages"; readonly token: string; readonly ids: readonly number[] };

/** What came of an operation. Those that begin with a "no" changed nothing. */
export type ChatResult =
  | { readonly answer: "created"; readonly user: string }
  | { readonly answer: "logged-in"; readonly user: string; readonly unread: number }
  | { readonly answer: "logged-out"; readonly user: string }
  | { readonly answer: "password-set"; readonly user: string }
  | { readonly answer: "account-deleted"; readonly user: string }
  | { readonly answer: "sent"; readonly message: ChatMessage }
  /** `count`: those that were unread before. `unread`: those that still are, of all conversations. */
  | { readonly answer: "marked"; readonly count: number; readonly unread: number }
  /** `count`: those that were there, in a conversation of one's own. */
  | { readonly answer: "deleted"; readonly count: number }
  | { readonly answer: ChatRefusal };

export type ChatRefusal =
  | "username-taken"
  | "no-such-user"
  /** Also: it was changed since it was looked at, or the token is of somebody else's login. */
  | "incorrect-password"
  /** Also, of logging in: the login of this token has ended, and no token begins two. */
  | "not-logged-in"
  | "no-such-recipient"
  /** A limit is reached. */
  | "chat-full";

export type ChatMessage = {
  /** 1, 2, 3, ... in the order in which messages of the whole chat were sent; none is used twice. */
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly time: number;
  /** Whether the recipient has read it. */
  readonly read: boolean;
};

/** What changed, for those who watch: `slot` names the operation, and each makes one change at most. */
export type ChatChange = { readonly slot: number } & (
  | { readonly type: "message"; readonly message: ChatMessage }
  /** Messages between these two, whoever sent them. An operation that deletes in several conversations lists each of them. */
  | {
      readonly type: "deleted";
      readonly conversations: readonly { readonly users: readonly [string, string]; readonly ids: readonly number[] }[];
    }
  /** `by` has read messages of others. */
  | {
      readonly type: "read";
      readonly by: string;
      readonly conversations: readonly { readonly from: string; readonly ids: readonly number[] }[];
    }
  /** Logins of this user ended; `tokens` as operations name them. */
  | { readonly type: "logged-out"; readonly user: string; readonly tokens: readonly string[] }
  /** With its logins, and its conversations with these. */
  | {
      readonly type: "account-deleted";
      readonly user: string;
      readonly tokens: readonly string[];
      readonly peers: readonly string[];
    }
);

/** About as many as the change has in JSON, in UTF-16 code units. */
export function charactersOfChatChange(change: ChatChange): number {
  switch (change.type) {
    case "message":
      return CHARACTERS_BESIDE_TEXT + change.message.text.length;
    case "deleted":
    case "read":
      return change.conversations.reduce((sum, { ids }) => sum + CHARACTERS_BESIDE_TEXT + ids.length * 8, 0);
    case "logged-out":
      return CHARACTERS_BESIDE_TEXT + change.tokens.length * 64;
    case "account-deleted":
      return CHARACTERS_BESIDE_TEXT + change.tokens.length * 64 + change.peers.length * 16;
  }
}

/** Of a change, or of a conversation in one: names, numbers and the words around them. */
const CHARACTERS_BESIDE_TEXT = 128;

const MOST_COST = 2 ** 20;
/** Of a block's size, and of parallelization. */
const MOST_FACTOR = 32;

/** What the members of each operation look like, beside its type. */
const MEMBERS: Readonly<Record<ChatOperation["type"], Readonly<Record<string, (value: Json | undefined) => boolean>>>> =
  {
    "create-account": { user: isUserName, password: isPasswordRecord, time: isTime },
    "log-in": { user: isUserName, credential: isSlot, token: isTokenDigest },
    "log-out": { token: isTokenDigest },
    "set-password": { token: isTokenDigest, credential: isSlot, password: isPasswordRecord },
    "delete-account": { token: isTokenDigest },
    send: { token: isTokenDigest, to: isUserName, text: isMessageText, time: isTime },
    "mark-read": { token: isTokenDigest, ids: areIds },
    "delete-messages": { token: isTokenDigest, ids: areIds },
  };

/** Strict: a member too many, or one of another form, makes it no operation. */
export function parseChatOperation(json: Json): ChatOperation | null {
  const object = asObject(json);
  const type = object?.["type"];
  if (object === null || typeof type !== "string" || !Object.hasOwn(MEMBERS, type)) return null;
  const members = MEMBERS[type as ChatOperation["type"]];
  if (!hasMembers(object, ["type", ...Object.keys(members)])) return null;
  const isOne = Object.entries(members).every(([name, fits]) => fits(object[name]));
  return isOne ? (object as unknown as ChatOperation) : null;
}

export function isPasswordRecord(value: Json | undefined): boolean {
  const object = asObject(value);
  if (object === null || !hasMembers(object, ["salt", "hash", "cost", "blockSize", "parallelization"])) return false;
  return (
    isHex(object, "salt", 32) &&
    isHex(object, "hash", 64) &&
    isCost(object["cost"]) &&
    isInteger(object["blockSize"], 1) &&
    object["blockSize"] <= MOST_FACTOR &&
    isInteger(object["parallelization"], 1) &&
    object["parallelization"] <= MOST_FACTOR
  );
}

/** Whether this is a power of two that servers have the memory for: who compares a password must pay what it cost. */
function isCost(value: Json | undefined): boolean {
  return isInteger(value, 2) && value <= MOST_COST && (value & (value - 1)) === 0;
}

function isHex(object: JsonObject, name: string, digits: number): boolean {
  const text = object[name];
  return typeof text === "string" && text.length === digits && /^[0-9a-f]+$/.test(text);
}

function isTime(value: Json | undefined): boolean {
  return isInteger(value, 0);
}

function isSlot(value: Json | undefined): boolean {
  return isInteger(value, 1);
}
