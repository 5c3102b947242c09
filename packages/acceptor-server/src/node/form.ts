import { isUtf8 } from "node:buffer";
import type { FastifyRequest } from "fastify";
import type { App } from "./node-app.js";
import { RequestRefused } from "./refusals.js";

/** Takes JSON bodies and no others. Bytes that are no text are refused: read as one, they would be another value. */
export function takeJsonOnly(app: App): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    if (isUtf8(body)) return parse(request, body.toString("utf8"), done);
    done(new RequestRefused("bad-request", "the body is not UTF-8, as JSON is"));
  });
}

/** How a path and a query are written. */
export const PERCENT_RULE = "a % stands before two hexadecimal digits, and the bytes that are written so are UTF-8";

/** What to answer if a query cannot be decoded: it would be taken as it is written, and so for another text. */
export function queryBroken({ raw: { url = "" } }: FastifyRequest): RequestRefused | undefined {
  const query = url.indexOf("?");
  if (query < 0 || !url.includes("%", query)) return undefined;
  try {
    decodeURIComponent(url.slice(query));
    return undefined;
  } catch {
    return new RequestRefused("bad-request", `${url.slice(query)} is not a valid query: ${PERCENT_RULE}`);
  }
}

/** What to answer if the request breaks the one rule of HTTP/1.1 that every request must keep (RFC 9112 §3.2). */
export function hostMissing({ raw, headers }: FastifyRequest): RequestRefused | undefined {
  if (raw.httpVersion !== "1.1" || headers.host !== undefined) return undefined;
  return new RequestRefused("bad-request", "a request of HTTP/1.1 has a host header");
}
