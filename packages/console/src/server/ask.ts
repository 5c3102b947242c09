import { LOGIN_HEADER, type Problem } from "@synod/api";
import type { Outcome, Request } from "./outcome.js";
import { heedSecret, secretHeaders } from "./secret.js";

/** Longer than a server waits if it is not told otherwise (5 s), so that its own word comes first. */
const USUAL_TIMEOUT_MS = 10_000;

/** Sends a request. Never throws: whatever comes of it is an outcome. */
export async function ask<Body>(request: Request): Promise<Outcome<Body>> {
  const { method, path, body, login, timeoutMs = USUAL_TIMEOUT_MS } = request;
  const hasBody = body !== undefined;
  try {
    const answer = await fetch(path, {
      method,
      headers: {
        ...secretHeaders(),
        ...(login === undefined ? {} : { [LOGIN_HEADER]: login }),
        ...(hasBody ? { "content-type": "application/json" } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(timeoutMs),
      cache: "no-store",
    });
    return outcomeOf<Body>(answer.status, await answer.text());
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    return { kind: "silent", why: isLate ? `no answer within ${timeoutMs / 1000} s` : "no connection" };
  }
}

export function outcomeOf<Body>(status: number, text: string): Outcome<Body> {
  const body = parsed(text);
  if (status >= 200 && status < 300 && body !== undefined) return { kind: "answered", status, body: body as Body };
  if (isProblem(body)) {
    heedSecret(body);
    return { kind: "refused", status, problem: body };
  }
  return { kind: "silent", why: `something else than Synod answered, with HTTP status ${status}` };
}

/** @returns undefined if it is no JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether this body is an error of a server (RFC 9457), with our members. */
export function isProblem(body: unknown): body is Problem & Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body && "definite" in body;
}
