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
      "not-found 404 true",
      "method-not-allowed 405 true",
      "request-timeout 408 true",
      "value-conflict 409 true",
      "truncated 410 true",
      "body-too-large 413 true",
      "unsupported-media-type 415 true",
      "headers-too-large 431 true",
      "internal 500 false",
      "storage-failed 503 false",
      "stopping 503 true",
      "overloaded 503 true",
    ]);
  });

  test("has one title for each code, which says what it means", () => {
    const titles = CODES.map((code) => ERRORS[code].title);
    expect(new Set(titles).size).toBe(CODES.length);
    for (const title of titles) expect(title).toMatch(/^The |^Another |^There /);
  });

  test("what the client did wrong is always definite: nothing was done for it", () => {
    for (const code of CODES) if (ERRORS[code].status < 500) expect(ERRORS[code].definite, code).toBe(true);
  });
});

test.each(CODES)("the problem %s has the members of RFC 9457 and our two, and no others", (code) => {
  const { status, title, definite } = ERRORS[code];
  const detail = "what is wrong this time";
  expect(problem(code, detail)).toEqual({ type: `urn:synod:problem:${code}`, title, status, detail, code, definite });
});
