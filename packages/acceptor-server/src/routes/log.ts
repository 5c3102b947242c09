import { CLUSTER_HEADER } from "@synod/api";
import {
  EmptyQuery,
  LogAcceptBody,
  LogAcceptReplySchema,
  LogPrepareBody,
  LogPrepareReplySchema,
  LogQuery,
  LogReplySchema,
  LogTruncateBody,
  LogTruncateReplySchema,
  ProblemSchema,
} from "@synod/api/schemas";
import { type AcceptLog, FIRST_PAGE, PAGE_LIMIT } from "@synod/consensus";
import type { FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { Ask } from "../app.js";
import type { App } from "../node/node-app.js";
import { RequestRefused } from "../node/refusals.js";
import { wholeNumber } from "../node/whole-number.js";
import { logAcceptReply, logPrepareReply, logReply, logTruncateReply } from "../wire.js";

/** The body of a batch at most, in bytes. */
const LONGEST_BATCH = 4 * 1024 * 1024;

/**
 * The same two phases for many instances at once, as the proposers of a log send them.
 *
 * @param isOfNodes whether only the nodes of a cluster may write by them: what a person puts in by hand goes by /accept,
 *   which knows how far that may go
 */
export function addLogRoutes(app: App, ask: Ask, isOfNodes: boolean): void {
  const onlyNodes = async ({ headers, routeOptions }: FastifyRequest) => {
    if (!isOfNodes || headers[CLUSTER_HEADER] !== undefined) return;
    const detail = `only nodes of this cluster send ${routeOptions.url}; by hand: POST /prepare and /accept`;
    throw new RequestRefused("by-hand-off", detail);
  };

  app.route({
    method: "POST",
    url: "/log/prepare",
    preHandler: onlyNodes,
    schema: {
      summary: "Phase 1 for every instance from `from` on; the answer is the first page of what was accepted there",
      querystring: EmptyQuery,
      body: LogPrepareBody,
      response: { 200: LogPrepareReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body: { id, from } }) =>
      logPrepareReply(await ask({ type: "prepare-log", id, from }, headers)),
  });

  app.route({
    method: "POST",
    url: "/log/accept",
    preHandler: onlyNodes,
    bodyLimit: LONGEST_BATCH,
    schema: {
      summary: "Phase 2 for many instances under one id: all are accepted or none; no entries ask only who leads",
      querystring: EmptyQuery,
      body: LogAcceptBody,
      response: { 200: LogAcceptReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body }) => logAcceptReply(await ask(acceptLog(body), headers)),
  });

  app.route({
    method: "POST",
    url: "/log/truncate",
    preHandler: onlyNodes,
    schema: {
      summary: "Forget every instance up to `through`: it is decided, and learners hold it in durable snapshots",
      querystring: EmptyQuery,
      body: LogTruncateBody,
      response: { 200: LogTruncateReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body: { through } }) =>
      logTruncateReply(await ask({ type: "truncate-log", through }, headers)),
  });

  app.route({
    method: "GET",
    url: "/log",
    schema: {
      summary: `One page of what is accepted, from an instance on; \`limit\` is at most ${PAGE_LIMIT}`,
      querystring: LogQuery,
      response: { 200: LogReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query }) => {
      const from = wholeNumber("from", query.from, 1);
      const limit = wholeNumber("limit", query.limit, FIRST_PAGE);
      return logReply(await ask({ type: "read-log", from, limit }, headers));
    },
  });
}

/** @throws {RequestRefused} if what it says to be decided ends before it begins */
export function acceptLog({ id, entries, sequence, decided }: Static<typeof LogAcceptBody>): AcceptLog {
  if (decided && decided.through < decided.from) {
    throw new RequestRefused("bad-request", "body/decided/through must be at least body/decided/from");
  }
  return {
    type: "accept-log",
    id,
    entries,
    ...(sequence === undefined ? {} : { sequence }),
    ...(decided === undefined ? {} : { decided }),
  };
}
