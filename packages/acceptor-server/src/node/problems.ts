import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type ErrorCode, PROBLEM_MEDIA_TYPE, type Problem, problem } from "@synod/api";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { NotServed, RequestRefused } from "./refusals.js";

/** The header in which every answer of a server says whose it is. */
export interface IdentityHeader {
  readonly name: string;
  readonly value: string;
}

/** Makes every error of the app, Fastify's own included, a problem from the table (RFC 9457). */
export function answerWithProblems(app: FastifyInstance, onRefusal: (code: ErrorCode) => void): void {
  const methods = methodsByRoute(app);

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const body = problemOf(error, request);
    onRefusal(body.code);
    tell(error, body, request);
    const retryAfterSeconds = retryAfter(error, body);
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

function tell(error: FastifyError, { status, code, detail }: Problem, request: FastifyRequest): void {
  // A refusal is a decision and no fault of the server: that nobody leads, say, would fill its log.
  if (status >= 500 && !(error instanceof RequestRefused)) request.log.error({ err: error, code }, detail);
  // Somebody broke the rules of the protocol: that is worth a line. A bad request is its sender's own affair.
  else request.log[status === 409 ? "warn" : "debug"]({ code, url: request.url }, detail);
}

function retryAfter(error: FastifyError, { code }: Problem): number | null {
  const asked = error instanceof RequestRefused ? error.details.retryAfterSeconds : undefined;
  return asked ?? (code === "overloaded" ? 1 : null);
}

function problemOf(error: FastifyError, { routeOptions }: FastifyRequest): Problem {
  if (error instanceof RequestRefused) return error.problem;
  if (error instanceof NotServed) return problem(error.code, error.message);
  if (error.validation) return problem("bad-request", error.message);
  const code = CODES_OF_FASTIFY[error.code];
  if (code === "unsupported-media-type")
    return problem(code, "send the body as JSON, with the header content-type: application/json");
  if (code === "body-too-large")
    return problem(code, `a body for ${routeOptions.url} is at most ${inWords(routeOptions.bodyLimit)}`);
  if (code) return problem(code, error.message);
  if (error.statusCode !== undefined && error.statusCode < 500) return problem("bad-request", error.message);
  return problem("internal", "an error that should not be; the server's log has more");
}

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

/** Which methods each route takes, as the routes are added. */
function methodsByRoute(app: FastifyInstance): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methods.get(url) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  return methods;
}

function noSuchRoute(request: FastifyRequest, methods: Map<string, Set<string>>, reply: FastifyReply): Problem {
  const path = request.url.split("?")[0] ?? request.url;
  const allowed = methods.get(path);
  if (!allowed) return problem("not-found", `there is no ${path} here; GET /openapi.json lists every route`);
  const list = [...allowed].join(", ");
  reply.header("allow", list);
  return problem("method-not-allowed", `${path} takes ${list}, not ${request.method}`);
}

interface ValidationFault {
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Puts a schema's complaint into words that name the field. */
export function nameTheField(faults: readonly ValidationFault[], part: string): Error {
  const words = faults.map(({ instancePath, message, params }) => {
    const place = part + instancePath;
    const unknown = params["additionalProperty"];
    if (unknown !== undefined) return `${place} has an unknown field ${JSON.stringify(unknown)}`;
    return `${place} ${message ?? "is not as the schema says"}`;
  });
  return new Error(words.join("; "));
}

/** A path that cannot be decoded has no route, and so no hook of the app sees it. */
export function answerBadUrl(identity: IdentityHeader) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header(identity.name, identity.value);
    send(reply, problem("bad-request", `${request.url} is not a valid path: a % stands before two hexadecimal digits`));
  };
}

/** What is not even HTTP gets an answer too, and then the connection ends. */
export function answerBrokenHttp(identity: IdentityHeader, slowestRequestMs: number) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    // An answer that is still due would be taken for this one.
    if (error.code === "ECONNRESET" || !socket.writable || isAnswerDue(socket)) {
      socket.destroy();
      return;
    }
    const body = brokenHttp(error, slowestRequestMs);
    const text = JSON.stringify(body);
    socket.end(
      `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\n${identity.name}: ${identity.value}\r\n` +
        `content-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
        `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    );
  };
}

/** Whether a whole request came before on this connection and is not answered yet: Node keeps its response there. */
function isAnswerDue(socket: Socket & { _httpMessage?: { req?: { complete?: boolean } } | null }): boolean {
  return socket._httpMessage?.req?.complete === true;
}

function brokenHttp({ code, message }: Error & { code?: string }, slowestRequestMs: number): Problem {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return problem("request-timeout", `the request did not arrive within ${slowestRequestMs / 1000} s`);
  }
  if (code === "HPE_HEADER_OVERFLOW") return problem("headers-too-large", "headers are at most 16 KiB");
  return problem("bad-request", `this is not HTTP: ${message}`);
}
