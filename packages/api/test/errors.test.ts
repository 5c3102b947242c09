import { describe, expect, test } from "vitest";
import { ERRORS, type ErrorCode, problem } from "../src/index.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe("the table of errors", () => {
  test("is this one: programs test the codes, so none changes its meaning or goes", () => {
    const table = CODES.map((code) => `${code} ${ERRORS[code].status} ${ERRORS[code].definite}`);
    expect(table).toEqual([
      "bad-request 400 true",
      "duplicate-instance 400 true",
      "unauthorized 401 true",
      "not-logged-in 401 true",
      "incorrect-password 403 true",
      "chaos-off 403 true",
      "by-hand-off 403 true",
      "not-from-here 403 true",
      "key-not-found 404 true",
      "no-such-user 404 true",
      "no-such-recipient 404 true",
      "unknown-subscription 404 true",
      "unknown-node 404 true",
      "not-found 404 true",
      "method-not-allowed 405 true",
      "request-timeout 408 true",
      "value-conflict 409 true",
      "already-decided 409 true",
      "not-a-persons-id 409 true",
      "id-too-high 409 true",
      "too-far-ahead 409 true",
      "wrong-cluster 409 true",
      "session-expired 409 false",
      "username-taken 409 true",
      "truncated 410 true",
      "compare-failed 412 true",
      "body-too-large 413 true",
      "unsupported-media-type 415 true",
      "headers-too-large 431 true",
      "operation-failed 500 false",
      "internal 500 false",
      "chain-damaged 500 true",
      "no-operator 501 true",
      "node-unreachable 502 false",
      "storage-failed 503 false",
      "no-leader 503 true",
      "no-quorum 503 true",
      "no-learner 503 true",
      "not-caught-up 503 true",
      "no-work 503 true",
      "not-tried 503 true",
      "outcome-unknown 504 false",
      "chat-full 507 true",
      "stopping 503 true",
      "overloaded 503 true",
    ]);
  });

  test("has one title for each code, which says what it means", () => {
    const titles = CODES.map((code) => ERRORS[code].title);
    expect(new Set(titles).size).toBe(CODES.length);
    for (const title of titles) expect(title).toMatch(/^(The|This|Another|There|No|Nobody) /);
  });

  test("what the client did wrong is always definite: nothing was done for it", () => {
    // A session is forgotten by no fault of its client, who cannot know what became of an earlier copy of its command.
    const codes = CODES.filter((code) => code !== "session-expired");
    for (const code of codes) if (ERRORS[code].status < 500) expect(ERRORS[code].definite, code).toBe(true);
  });
});

test.each(CODES)("the problem %s has the members of RFC 9457 and our two, and no others", (code) => {
  const { status, title, definite } = ERRORS[code];
  const detail = "what is wrong this time";
  expect(problem(code, detail)).toEqual({ type: `urn:synod:problem:${code}`, title, status, detail, code, definite });
});
