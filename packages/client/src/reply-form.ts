import type {
  AcceptorStatusReply,
  AcceptReply,
  HistoryReply,
  LogAcceptReply,
  LogPrepareReply,
  LogReply,
  LogTruncateReply,
  PoolStateReply,
  PrepareReply,
  Problem,
  StateReply,
} from "@synod/api";
import { ERRORS } from "@synod/api";

/**
 * Whether an answer has the form that its route promises. Written out, since a schema compiler would cost a command more
 * time to load than its whole work takes.
 */

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= -1;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTruncated(reply: Fields): boolean {
  return reply["truncated"] === true && isId(reply["truncatedThrough"]) && isId(reply["promisedId"]);
}

function isPair(reply: unknown): boolean {
  return isObject(reply) && isId(reply["acceptedId"]) && typeof reply["acceptedValue"] === "string";
}

export function isPrepareReply(reply: unknown): reply is PrepareReply {
  if (!isObject(reply) || typeof reply["ignored"] !== "boolean" || !isId(reply["promisedId"])) return false;
  return isTruncated(reply) || !("acceptedId" in reply) || isPair(reply);
}

export function isAcceptReply(reply: unknown): reply is AcceptReply {
  if (!isObject(reply)) return false;
  return reply["ignored"] === false ? isPair(reply) : reply["ignored"] === true && isId(reply["promisedId"]);
}

export function isStateReply(reply: unknown): reply is StateReply {
  if (!isObject(reply) || !isId(reply["promisedId"])) return false;
  return isTruncated(reply) || isPair(reply) || (reply["acceptedId"] === -1 && reply["acceptedValue"] === null);
}

export function isPoolStateReply(reply: unknown): reply is PoolStateReply {
  return isObject(reply) && Object.values(reply).every(isStateReply);
}

export function isHistoryReply(reply: unknown): reply is HistoryReply {
  if (!isObject(reply) || !isId(reply["instance"]) || !isId(reply["missingThroughId"])) return false;
  const { history } = reply;
  return Array.isArray(history) && history.every(isPair);
}

function isPage({ entries, next, truncatedThrough }: Fields): boolean {
  if (!Array.isArray(entries) || !entries.every(isEntry)) return false;
  return (next === null || isCount(next)) && isCount(truncatedThrough);
}

function isEntry(entry: unknown): boolean {
  if (!isPair(entry) || !isObject(entry) || !isCount(entry["instance"])) return false;
  return entry["decided"] === undefined || entry["decided"] === true;
}

export function isLogPrepareReply(reply: unknown): reply is LogPrepareReply {
  if (!isObject(reply) || !isId(reply["promisedId"])) return false;
  return reply["ignored"] === true || (reply["ignored"] === false && isPage(reply));
}

export function isLogAcceptReply(reply: unknown): reply is LogAcceptReply {
  if (!isObject(reply)) return false;
  if (reply["ignored"] === true) return isId(reply["promisedId"]);
  const { ignored, acceptedId, instances, sequence } = reply;
  if (ignored !== false || !isId(acceptedId) || !(sequence === undefined || isCount(sequence))) return false;
  return Array.isArray(instances) && instances.every(isCount);
}

export function isLogReply(reply: unknown): reply is LogReply {
  return isObject(reply) && isId(reply["promisedId"]) && isPage(reply);
}

export function isLogTruncateReply(reply: unknown): reply is LogTruncateReply {
  return isObject(reply) && isCount(reply["truncatedThrough"]);
}

export function isAcceptorStatusReply(reply: unknown): reply is AcceptorStatusReply {
  if (!isObject(reply) || reply["role"] !== "acceptor" || !isId(reply["promisedId"])) return false;
  const { name, cluster, id, truncatedThrough, entries, lastSlot, decided } = reply;
  if (typeof name !== "string" || typeof cluster !== "string") return false;
  return [id, truncatedThrough, entries, lastSlot, decided].every(isCount);
}

export function isProblem(reply: unknown): reply is Problem {
  if (!isObject(reply) || typeof reply["detail"] !== "string") return false;
  return typeof reply["code"] === "string" && Object.hasOwn(ERRORS, reply["code"]);
}

/** @returns undefined for what is not JSON, which is no reply of any form */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
