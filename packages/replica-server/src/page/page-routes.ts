import type { IncomingHttpHeaders } from "node:http";
import { type App, RequestRefused } from "@synod/acceptor-server";
import { EmptyQuery } from "@synod/api/schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { CODINGS, type Coding, type PageFile, readPage } from "./page-files.js";

/** Nothing but what the page brings along runs or is loaded, and it speaks to the server that it came from alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const SAFETY_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

const FOR_EVER = "public, max-age=31536000, immutable";
/** Kept, but asked after each time. */
const ASK_FIRST = "no-cache";

/** The web page, at `/` and below `/assets/`. @param files null if the page is not built */
export function addPageRoutes(app: App, files: ReadonlyMap<string, PageFile> | null = readPage()): void {
  // It is how one watches and mends a node that is paused, and tells nothing that strangers must not know.
  const config = { answersWhilePaused: true, needsNoSecret: true };

  app.route({
    method: "GET",
    url: "/",
    config,
    schema: { summary: "The web page", produces: ["text/html"], querystring: EmptyQuery },
    handler: (request, reply) => {
      const page = files?.get("/");
      if (page) return sendFile(page, request, reply);
      throw new RequestRefused(
        "not-found",
        "the web page is not built: run npm run build, then start this gateway again. Everything else works: GET /openapi.json",
      );
    },
  });

  app.route({
    method: "GET",
    url: "/assets/*",
    config,
    schema: { summary: "The files of the web page", querystring: EmptyQuery },
    handler: (request, reply) => {
      const name = (request.params as { readonly "*"?: string })["*"] ?? "";
      const file = files?.get(`/assets/${name}`);
      if (file) return sendFile(file, request, reply);
      throw new RequestRefused("not-found", "the web page has no such file: GET / has the one that is there now");
    },
  });
}

function sendFile({ type, isImmutable, variants }: PageFile, { headers }: FastifyRequest, reply: FastifyReply) {
  const coding = codingFor(headers, variants);
  const variant = variants.get(coding);
  if (!variant) throw new RequestRefused("not-found", "this file is not there in a form that the client takes");
  reply.headers({
    ...SAFETY_HEADERS,
    "cache-control": isImmutable ? FOR_EVER : ASK_FIRST,
    etag: variant.etag,
    vary: "accept-encoding",
  });
  if (isKnown(headers, variant.etag)) return reply.status(304).send();
  if (coding !== "identity") reply.header("content-encoding", coding);
  return reply.type(type).send(variant.bytes);
}

/** The best coding that there is and that the client takes (RFC 9110 §12.5.3). */
function codingFor(headers: IncomingHttpHeaders, variants: PageFile["variants"]): Coding {
  const refused = /;\s*q=0(?:\.0*)?$/;
  const taken = String(headers["accept-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((part) => part.trim())
    .filter((part) => !refused.test(part))
    .map((part) => part.split(";")[0]?.trim());
  const [best = "identity"] = CODINGS.flatMap(([coding]) => {
    return variants.has(coding) && taken.includes(coding) ? [coding] : [];
  });
  return best;
}

/** Whether the client has this content already (RFC 9110 §13.1.2). */
function isKnown(headers: IncomingHttpHeaders, etag: string): boolean {
  const tags = headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes("*") || tags.includes(etag);
}
