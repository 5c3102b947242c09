import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type ErrorCode, PROBLEM_MEDIA_TYPE, type Problem, problem } from "@synod/api";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AllowedMethods } from "./allowed-methods.js";
import type { Connections } from "./connections.js";
import { PERCENT_RULE } from "./form.js";
import { NotServed, RequestRefused } from "./refusals.js";
import type { SparingLog } from "./sparing-log.js";

/** The header in which every answer of a server says whose it is. */
export interface IdentityHeader {
  readonly name: string;
  readonly value: string;
}

/** Makes every error of the app, Fastify's own included, a problem from the table (RFC 9457). */
export function answerWithProblems(app: FastifyInstance, log: SparingLog, onRefusal: (code: ErrorCode) => void): void {
  const methods = new AllowedMethods(app);

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { body, retryAfterSeconds } = refused(error, problemOf(error, request), request, { log, onRefusal });
    if (retryAfterSeconds !== null) reply.header("retry-after", String(retryAfterSeconds));
    return send(reply, body);
  });

  app.setNotFoundHandler((request, reply) => {
    const body = noSuchRoute(request, methods, reply);
    onRefusal(body.code);
    return send(reply, body);
  });
}

function send(reply: FastifyReply, body: Problem): FastifyReply {
  return reply.status(body.status).type(PROBLEM_MEDIA_TYPE).send(body);
}

/** What is said of requests that are refused. */
export interface RefusalEar {
  readonly log: SparingLog;
  readonly onRefusal: (code: ErrorCode) => void;
}

/** What a request that failed is answered with. */
export interface Refusal {
  readonly body: Problem;
  /** For the header `retry-after`; null: nobody can say. */
  readonly retryAfterSeconds: number | null;
}

/** What a route's own error is answered with; those who count and log them hear of it. */
export function refusalOf(error: unknown, url: string, ear: RefusalEar): Refusal {
  return refused(error, ownProblem(error) ?? INTERNAL, { url }, ear);
}

function refused(error: unknown, body: Problem, { url }: { url: string }, { log, onRefusal }: RefusalEar): Refusal {
  onRefusal(body.code);
  tell(log, error, body, url);
  return { body, retryAfterSeconds: retryAfter(error, body) };
}

function tell(log: SparingLog, error: unknown, { status, code, detail }: Problem, url: string): void {
  // A refusal is a decision and no fault of the server: that nobody leads, say, would fill its log.
  if (code === "overloaded") log.write("warn", code, { code }, detail);
  else if (status >= 500 && !(error instanceof RequestRefused)) log.write("error", code, { err: error, code }, detail);
  // Somebody broke the rules of the protocol: that is worth a line. A bad request is its sender's own affair.
  else if (status === 409) log.write("warn", code, { code, url }, detail);
  else log.debug({ code, url }, detail);
}

function retryAfter(error: unknown, { code }: Problem): number | null {
  const asked = error instanceof RequestRefused ? error.details.retryAfterSeconds : undefined;
  return asked ?? (code === "overloaded" ? 1 : null);
}

function problemOf(error: FastifyError, { routeOptions }: FastifyRequest): Problem {
  const own = ownProblem(error);
  if (own) return own;
  if (error.validation) return problem("bad-request", error.message);
  const code = CODES_OF_FASTIFY[error.code];
  if (code === "unsupported-media-type")
    return problem(code, "send the body as JSON, with the header content-type: application/json");
  if (code === "body-too-large")
    return problem(code, `a body for ${routeOptions.url} is at most ${inWords(routeOptions.bodyLimit)}`);
  if (code) return problem(code, error.message);
  if (error.statusCode !== undefined && error.statusCode < 500) return problem("bad-request", error.message);
  return INTERNAL;
}

/** The problem that one of our own errors is; null for any other. */
function ownProblem(error: unknown): Problem | null {
  if (error instanceof RequestRefused) return error.problem;
  return error instanceof NotServed ? problem(error.code, error.message) : null;
}

const INTERNAL = problem("internal", "an error that should not be; the server's log has more");

const CODES_OF_FASTIFY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "bad-request",
  FST_ERR_CTP_EMPTY_JSON_BODY: "bad-request",
  FST_ERR_CTP_INVALID_JSON_BODY: "bad-request",
};

function inWords(bytes: number): string {
  const kibibytes = bytes / 1024;
  return kibibytes < 1024 ? `${kibibytes} KiB` : `${kibibytes / 1024} MiB`;
}

function noSuchRoute(request: FastifyRequest, methods: AllowedMethods, reply: FastifyReply): Problem {
  const path = request.url.split("?")[0] ?? request.url;
  const allowed = methods.of(path);
  if (allowed.length === 0)
    return problem("not-found", `there is no ${path} here; GET /openapi.json lists every route`);
  const list = allowed.join(", ");
  reply.header("allow", list);
  return problem("method-not-allowed", `${path} takes ${list}, not ${request.method}`);
}

/** A path that cannot be decoded has no route, and so no hook of the app sees it. */
export function answerBadUrl(identity: IdentityHeader) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header(identity.name, identity.value);
    send(reply, problem("bad-request", `${request.url} is not a valid path: ${PERCENT_RULE}`));
  };
}

/** What is not even HTTP gets an answer too, and then the connection ends. */
export function answerBrokenHttp(identity: IdentityHeader, slowestRequestMs: number, connections: () => Connections) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const reason = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "too-slow" : "no-http";
    // An answer that is still due would be taken for this one.
    if (isAnswerDue(socket)) connections().cut(socket, reason);
    else connections().sendAway(socket, reason, wholeAnswer(identity, brokenHttp(error, slowestRequestMs)));
  };
}

/** A problem as an answer in HTTP, for connections that no app answers; they end with it. */
export function wholeAnswer(identity: IdentityHeader, body: Problem): string {
  const text = JSON.stringify(body);
  const comeAgain = body.code === "overloaded" ? "retry-after: 1\r\n" : "";
  return (
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\n${identity.name}: ${identity.value}\r\n` +
    `content-type: ${PROBLEM_MEDIA_TYPE}\r\n${comeAgain}` +
    `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`
  );
}

/** Whether a whole request came before on this connection and is not answered yet: Node keeps its response there. */
function isAnswerDue(socket: Socket & { _httpMessage?: { req?: { complete?: boolean } } | null }): boolean {
  return socket._httpMessage?.req?.complete === true;
}

/** A request's URL and headers at most, in bytes. The three bounds of a range, where no character is ASCII, are 27,000. */
export const LONGEST_HEADERS = 32 * 1024;

function brokenHttp({ code, message }: Error & { code?: string }, slowestRequestMs: number): Problem {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return problem("request-timeout", `the request did not arrive within ${slowestRequestMs / 1000} s`);
  }
  if (code === "HPE_HEADER_OVERFLOW")
    return problem("headers-too-large", `headers are at most ${LONGEST_HEADERS / 1024} KiB`);
  return problem("bad-request", `this is not HTTP: ${message}`);
}
