import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RequestRefused } from "@synod/acceptor-server";
import { LOGIN_HEADER } from "@synod/api";

const TOKEN_BYTES = 32;

/** The token of a new login: whoever has it is logged in. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** What the log says in place of a token, in hexadecimal: a token is random, so that nobody finds it from its digest. */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** The login in whose name a request is made: the digest of its token. @throws {RequestRefused} `not-logged-in` without one */
export function loginOf(headers: IncomingHttpHeaders): string {
  const token = headers[LOGIN_HEADER];
  if (typeof token === "string" && /^[A-Za-z0-9_-]{43}$/.test(token)) return digestOf(token);
  throw notLoggedIn();
}

export function notLoggedIn(): RequestRefused {
  const detail = `Not logged in. Log in with POST /chat/logins, and send its token in the header ${LOGIN_HEADER}`;
  return new RequestRefused("not-logged-in", detail);
}
