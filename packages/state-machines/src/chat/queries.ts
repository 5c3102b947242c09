import { asObject, hasMembers, isInteger, isText } from "../json-shape.js";
import { KeyPatterns, MOST_PATTERN_CHARACTERS } from "../key-value/patterns.js";
import type { Json } from "../state-machine.js";
import { isTokenDigest, isUserName } from "./limits.js";
import type { ChatMessage, ChatRefusal, PasswordRecord } from "./operations.js";

/** Lines of a page if nobody says how many, and at most. */
export const USUAL_CHAT_PAGE = 50;
export const MOST_CHAT_PAGE = 500;

/** What can be asked. `token` as operations name it. */
export type ChatQuery =
  /** Whether the name is taken: anybody may ask. */
  | { readonly type: "account"; readonly user: string }
  /** For the servers alone: what a password is compared with. */
  | { readonly type: "credential"; readonly user: string }
  /** Whose login it is. */
  | { readonly type: "login"; readonly token: string }
  /** Names of accounts, in their order: those that match the glob, behind `after`. */
  | {
      readonly type: "accounts";
      readonly token: string;
      readonly pattern?: string;
      readonly after?: string;
      readonly limit?: number;
    }
  /** One's conversations, the one with the newest message first: those whose last message is older than `before`. */
  | { readonly type: "conversations"; readonly token: string; readonly before?: number; readonly limit?: number }
  /** The last messages with somebody, or the last ones before `before`. */
  | {
      readonly type: "conversation";
      readonly token: string;
      readonly with: string;
      readonly before?: number;
      readonly limit?: number;
    }
  /** What one has not read, the oldest first; of one sender, or of all. */
  | {
      readonly type: "unread";
      readonly token: string;
      readonly from?: string;
      readonly after?: number;
      readonly limit?: number;
    }
  /** How much there is. */
  | { readonly type: "counts" };

export type ChatAnswer =
  | AccountAnswer
  | CredentialAnswer
  | LoginAnswer
  | AccountsAnswer
  | ConversationsAnswer
  | ConversationAnswer
  | UnreadAnswer
  | ChatCounts
  | { readonly refused: ChatRefusal };

export type AccountAnswer = { readonly user: string; readonly exists: boolean };
/** Null: there is no such account. */
export type CredentialAnswer = { readonly credential: number; readonly password: PasswordRecord } | null;
export type LoginAnswer = { readonly user: string; readonly unread: number };
/** `next`: the `after` of the next page; null if this is the last. So with the other pages. */
export type AccountsAnswer = { readonly users: readonly string[]; readonly next: string | null };
export type ConversationSummary = {
  readonly with: string;
  readonly messages: number;
  /** Of one's own. */
  readonly unread: number;
  readonly last: ChatMessage;
};
export type ConversationsAnswer = {
  readonly conversations: readonly ConversationSummary[];
  readonly next: number | null;
  /** Of all conversations. */
  readonly unread: number;
};
/** In the order in which they were sent. `next`: the `before` of the page of older ones. */
export type ConversationAnswer = {
  readonly messages: readonly ChatMessage[];
  readonly next: number | null;
};
/** `unread`: how many there are, of all senders. */
export type UnreadAnswer = {
  readonly messages: readonly ChatMessage[];
  readonly next: number | null;
  readonly unread: number;
};
export type ChatCounts = { readonly accounts: number; readonly messages: number; readonly logins: number };

type Check = (value: Json | undefined) => string | null;

const isUser: Check = (value) => (isUserName(value) ? null : "a user's name");
const isToken: Check = (value) => (isTokenDigest(value) ? null : "the SHA-256 of a login's token, in hexadecimal");
const isId: Check = (value) => (isInteger(value, 1) ? null : "the id of a message: a whole number from 1");
const isIdOrNone: Check = (value) => (isInteger(value, 0) ? null : "the id of a message, or 0");
const isText64: Check = (value) => (isText(value, 0, 64) ? null : "a text of 64 characters at most");
const isLimit: Check = (value) =>
  isInteger(value, 1) && value <= MOST_CHAT_PAGE ? null : `a whole number 1..${MOST_CHAT_PAGE}`;

/** For a glob over names of accounts: `*` any characters, `?` one or more. */
function isGlob(value: Json | undefined): string | null {
  if (!isText(value, 1, MOST_PATTERN_CHARACTERS)) return `a glob of 1 to ${MOST_PATTERN_CHARACTERS} characters`;
  const parsed = KeyPatterns.parse([value]);
  return "error" in parsed ? `a glob: ${parsed.error}` : null;
}

interface Shape {
  readonly needs: Readonly<Record<string, Check>>;
  readonly takes: Readonly<Record<string, Check>>;
}

const SHAPES: Readonly<Record<ChatQuery["type"], Shape>> = {
  account: { needs: { user: isUser }, takes: {} },
  credential: { needs: { user: isUser }, takes: {} },
  login: { needs: { token: isToken }, takes: {} },
  accounts: { needs: { token: isToken }, takes: { pattern: isGlob, after: isText64, limit: isLimit } },
  conversations: { needs: { token: isToken }, takes: { before: isId, limit: isLimit } },
  conversation: { needs: { token: isToken, with: isUser }, takes: { before: isId, limit: isLimit } },
  unread: { needs: { token: isToken }, takes: { from: isUser, after: isIdOrNone, limit: isLimit } },
  counts: { needs: {}, takes: {} },
};

/** Strict: a member too many or of a wrong shape is an error, said in words. */
export function parseChatQuery(json: Json): ChatQuery | { readonly error: string } {
  const object = asObject(json);
  const type = object?.["type"];
  if (object === null || typeof type !== "string" || !Object.hasOwn(SHAPES, type)) {
    return { error: `the type of a question is one of ${Object.keys(SHAPES).join(", ")}` };
  }
  const { needs, takes } = SHAPES[type as ChatQuery["type"]];
  if (!hasMembers(object, ["type", ...Object.keys(needs)], Object.keys(takes))) {
    return { error: `a question of type ${type} has ${[...Object.keys(needs), ...Object.keys(takes)].join(", ")}` };
  }
  for (const [name, check] of Object.entries({ ...needs, ...takes })) {
    const complaint = Object.hasOwn(object, name) ? check(object[name]) : null;
    if (complaint !== null) return { error: `${name} is ${complaint}` };
  }
  return object as unknown as ChatQuery;
}
