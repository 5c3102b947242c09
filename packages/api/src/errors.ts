/**
 * Every error a Synod server answers with, in one table. The code is stable: programs test it, and nothing else of an
 * error. `definite` says whether the request certainly had no effect; where it is false, it may have had one.
 */
export const ERRORS = {
  "bad-request": { status: 400, definite: true, title: "The request is not of the form this route takes" },
  "duplicate-instance": { status: 400, definite: true, title: "The batch names an instance twice" },
  unauthorized: { status: 401, definite: true, title: "The shared secret is missing or wrong" },
  "not-logged-in": { status: 401, definite: true, title: "The login is missing, or has ended" },
  "incorrect-password": { status: 403, definite: true, title: "The password is not that of the account" },
  "chaos-off": { status: 403, definite: true, title: "This cluster lets nobody break it on purpose" },
  "by-hand-off": { status: 403, definite: true, title: "This cluster takes no values by hand" },
  "not-from-here": { status: 403, definite: true, title: "This is for the machine itself and its own page alone" },
  "key-not-found": { status: 404, definite: true, title: "There is no such key" },
  "no-such-user": { status: 404, definite: true, title: "There is no such account" },
  "no-such-recipient": { status: 404, definite: true, title: "Nobody has the name that this is sent to" },
  "unknown-subscription": { status: 404, definite: true, title: "There is no such subscription" },
  "unknown-node": { status: 404, definite: true, title: "There is no such node in the cluster" },
  "not-found": { status: 404, definite: true, title: "There is no such route" },
  "method-not-allowed": { status: 405, definite: true, title: "The route does not take this method" },
  "request-timeout": { status: 408, definite: true, title: "The request took too long to arrive" },
  "value-conflict": { status: 409, definite: true, title: "Another value was accepted under the same id" },
  "already-decided": { status: 409, definite: true, title: "Another value is chosen in this instance" },
  "not-a-persons-id": { status: 409, definite: true, title: "The id is not one of those that belong to people" },
  "id-too-high": { status: 409, definite: true, title: "The id leaves hardly any above it" },
  "too-far-ahead": { status: 409, definite: true, title: "The instance is far beyond the end of the log" },
  "wrong-cluster": { status: 409, definite: true, title: "The request is meant for another cluster" },
  "session-expired": { status: 409, definite: false, title: "The session is no longer known" },
  "username-taken": { status: 409, definite: true, title: "Another account has this name" },
  truncated: { status: 410, definite: true, title: "The instance is truncated" },
  "compare-failed": { status: 412, definite: true, title: "The key does not hold what was expected" },
  "body-too-large": { status: 413, definite: true, title: "The body is larger than this route takes" },
  "unsupported-media-type": { status: 415, definite: true, title: "The body is not JSON" },
  "headers-too-large": { status: 431, definite: true, title: "The headers are larger than the server takes" },
  "operation-failed": { status: 500, definite: false, title: "The process could not be ended or started" },
  internal: { status: 500, definite: false, title: "The server has a fault of its own" },
  "chain-damaged": { status: 500, definite: true, title: "The record of a block is not what it was" },
  "no-operator": { status: 501, definite: true, title: "Nobody here ends or starts processes" },
  "node-unreachable": { status: 502, definite: false, title: "The node does not answer" },
  "storage-failed": {
    status: 503,
    definite: false,
    title: "The server cannot vouch for its disk and has stopped answering",
  },
  "no-leader": { status: 503, definite: true, title: "Nobody leads at the moment" },
  "no-quorum": { status: 503, definite: true, title: "The leader does not reach a majority" },
  "no-learner": { status: 503, definite: true, title: "No server answers that has the state" },
  "not-caught-up": { status: 503, definite: true, title: "No server is far enough for this read" },
  "no-work": { status: 503, definite: true, title: "No proof of work was found in time" },
  "not-tried": {
    status: 503,
    definite: true,
    title: "The operation was not tried, since one before it on its key failed",
  },
  "outcome-unknown": { status: 504, definite: false, title: "Nobody answered in time whether it happened" },
  "chat-full": { status: 507, definite: true, title: "The chat holds as much as it may" },
  stopping: { status: 503, definite: true, title: "The server is stopping" },
  overloaded: { status: 503, definite: true, title: "The server has as many requests under way as it takes" },
} as const satisfies Record<string, ErrorEntry>;

interface ErrorEntry {
  /** HTTP status. */
  readonly status: number;
  readonly definite: boolean;
  readonly title: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** The media type of an error's body (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** The body of an error (RFC 9457), with our `code` and `definite` beside the standard members. */
export interface Problem {
  /** `urn:synod:problem:` and the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What is wrong this time, and what to do about it. */
  readonly detail: string;
  readonly code: ErrorCode;
  readonly definite: boolean;
}

/** The body of this error. @param detail what is wrong this time, and what to do about it */
export function problem(code: ErrorCode, detail: string): Problem {
  const { status, definite, title } = ERRORS[code];
  return { type: `urn:synod:problem:${code}`, title, status, detail, code, definite };
}
