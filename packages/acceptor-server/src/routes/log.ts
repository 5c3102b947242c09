import {
  EmptyQuery,
  LogAcceptBody,
  LogAcceptReplySchema,
  LogPrepareBody,
  LogPrepareReplySchema,
  LogQuery,
  LogReplySchema,
  ProblemSchema,
} from "@synod/api/schemas";
import { FIRST_PAGE, PAGE_LIMIT } from "@synod/consensus";
import type { AcceptorHost } from "../acceptor-host.js";
import type { App } from "../app.js";
import { wholeNumber } from "../whole-number.js";
import { logAcceptReply, logPrepareReply, logReply } from "../wire.js";

/** The body of a batch at most, in bytes. */
const LONGEST_BATCH = 4 * 1024 * 1024;

/** The same two phases for many instances at once, as the proposers of a log send them. */
export function addLogRoutes(app: App, host: AcceptorHost): void {
  app.route({
    method: "POST",
    url: "/log/prepare",
    schema: {
      summary: "Phase 1 for every instance from `from` on; the answer is the first page of what was accepted there",
      querystring: EmptyQuery,
      body: LogPrepareBody,
      response: { 200: LogPrepareReplySchema, default: ProblemSchema },
    },
    handler: async ({ body: { id, from } }) => logPrepareReply(await host.ask({ type: "prepare-log", id, from })),
  });

  app.route({
    method: "POST",
    url: "/log/accept",
    bodyLimit: LONGEST_BATCH,
    schema: {
      summary: "Phase 2 for many instances under one id: all are accepted or none; no entries ask only who leads",
      querystring: EmptyQuery,
      body: LogAcceptBody,
      response: { 200: LogAcceptReplySchema, default: ProblemSchema },
    },
    handler: async ({ body: { id, entries } }) => logAcceptReply(await host.ask({ type: "accept-log", id, entries })),
  });

  app.route({
    method: "GET",
    url: "/log",
    schema: {
      summary: `One page of what is accepted, from an instance on; \`limit\` is at most ${PAGE_LIMIT}`,
      querystring: LogQuery,
      response: { 200: LogReplySchema, default: ProblemSchema },
    },
    handler: async ({ query }) => {
      const from = wholeNumber("from", query.from, 1);
      const limit = wholeNumber("limit", query.limit, FIRST_PAGE);
      return logReply(await host.ask({ type: "read-log", from, limit }));
    },
  });
}
