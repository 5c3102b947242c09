import { randomBytes } from "node:crypto";
import { RequestRefused } from "@synod/acceptor-server";
import { KeyPatterns } from "@synod/state-machines";

/** A wish to be told what changes in keys of these patterns, after a revision. */
export interface Subscription {
  readonly id: string;
  readonly patterns: KeyPatterns;
  /** The slot that it began at: whoever names no other revision is told what comes after it. */
  readonly after: number;
}

/** Characters of an id at most: it stands in a path, and a request's head is 32 KiB at most. */
const LONGEST_ID = 6000;

/**
 * A subscription that begins now. All there is to know of it is in its id, so that every learner and every gateway
 * understands it, also after a restart.
 *
 * @throws {RequestRefused} `bad-request` if the patterns are none, or too long together
 */
export function newSubscription(patterns: readonly string[], after: number): Subscription {
  const parsed = checkedPatterns(patterns);
  const id = Buffer.from(JSON.stringify([randomBytes(9).toString("base64url"), after, patterns])).toString("base64url");
  if (id.length <= LONGEST_ID) return { id, patterns: parsed, after };
  throw new RequestRefused("bad-request", "the patterns are too long together: about 4000 bytes at most");
}

/** @throws {RequestRefused} `bad-request` if one of them is no pattern */
function checkedPatterns(patterns: readonly string[]): KeyPatterns {
  const parsed = KeyPatterns.parse(patterns);
  if ("error" in parsed) throw new RequestRefused("bad-request", parsed.error);
  return parsed;
}

/** @throws {RequestRefused} `unknown-subscription` for what no server has made */
export function subscriptionOf(id: string): Subscription {
  const content = contentOf(id);
  if (Array.isArray(content) && content.length === 3) {
    const [, after, patterns] = content;
    const areTexts = Array.isArray(patterns) && patterns.every((pattern) => typeof pattern === "string");
    const parsed = areTexts ? KeyPatterns.parse(patterns) : null;
    const isSlot = Number.isSafeInteger(after) && after >= 0;
    if (isSlot && parsed && !("error" in parsed)) return { id, patterns: parsed, after };
  }
  throw unknownSubscription();
}

export function unknownSubscription(): RequestRefused {
  return new RequestRefused(
    "unknown-subscription",
    "there is no such subscription, or it has ended; POST /subscribe makes a new one",
  );
}

/** Undefined if the id is none: also of what reads as another one, since whatever is no base64 would be passed over. */
function contentOf(id: string): unknown {
  const bytes = Buffer.from(id, "base64url");
  if (bytes.toString("base64url") !== id) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
