import { ERRORS, type ErrorCode, formatIdentity, IDENTITY_HEADER, PROBLEM_MEDIA_TYPE } from "@synod/api";
import { expect } from "vitest";
import { IDENTITY } from "./memory-app.ts";

/** What `app.inject` answers, as far as it matters here. */
interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: string;
}

/** Expects an error of the table, in its form, and gives its code. */
export function expectProblem(answer: Answer, expected?: ErrorCode): ErrorCode {
  expect(String(answer.headers["content-type"]).split(";")[0], answer.payload).toBe(PROBLEM_MEDIA_TYPE);
  expect(answer.headers[IDENTITY_HEADER]).toBe(formatIdentity(IDENTITY));
  const problem = JSON.parse(answer.payload);
  const code: ErrorCode = problem.code;
  expect(ERRORS).toHaveProperty([code]);
  const { status, definite, title } = ERRORS[code];
  expect(problem).toEqual({
    type: `urn:synod:problem:${code}`,
    title,
    status,
    detail: expect.stringMatching(/\S/),
    code,
    definite,
  });
  expect(answer.statusCode).toBe(status);
  if (expected !== undefined) expect(code, problem.detail).toBe(expected);
  return code;
}

/** Reads one answer off the wire. */
export function parseAnswer(text: string): Answer {
  const [head = "", payload = ""] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { statusCode: Number(statusLine.split(" ")[1]), headers, payload };
}
