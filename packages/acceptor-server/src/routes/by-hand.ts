import {
  AcceptBody,
  AcceptReplySchema,
  EmptyQuery,
  HistoryReplySchema,
  InstanceQuery,
  PrepareBody,
  PrepareReplySchema,
  ProblemSchema,
  StateReplySchema,
} from "@synod/api/schemas";
import { SINGLE_DECREE } from "@synod/consensus";
import type { Ask } from "../app.js";
import type { App } from "../node/node-app.js";
import { wholeNumber } from "../node/whole-number.js";
import { acceptReply, historyReply, prepareReply, stateReply } from "../wire.js";

/** The messages of single-decree Paxos, as a person sends them. */
export function addRoutesByHand(app: App, ask: Ask): void {
  app.route({
    method: "POST",
    url: "/prepare",
    schema: {
      summary: "Phase 1: ask for a promise to accept nothing below this id",
      querystring: EmptyQuery,
      body: PrepareBody,
      response: { 200: PrepareReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body: { id, instance = SINGLE_DECREE } }) =>
      prepareReply(await ask({ type: "prepare", id, instance }, headers)),
  });

  app.route({
    method: "POST",
    url: "/accept",
    schema: {
      summary: "Phase 2: ask to accept this value under this id",
      querystring: EmptyQuery,
      body: AcceptBody,
      response: { 200: AcceptReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body: { id, value, instance = SINGLE_DECREE } }) =>
      acceptReply(await ask({ type: "accept", id, instance, value }, headers)),
  });

  app.route({
    method: "GET",
    url: "/state",
    schema: {
      summary: "What this acceptor has promised, and accepted in this instance",
      querystring: InstanceQuery,
      response: { 200: StateReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query: { instance } }) =>
      stateReply(
        await ask({ type: "read-state", instance: wholeNumber("instance", instance, SINGLE_DECREE) }, headers),
      ),
  });

  app.route({
    method: "GET",
    url: "/history",
    schema: {
      summary: "Every acceptance of this instance that was made by /accept and is still known, oldest first",
      querystring: InstanceQuery,
      response: { 200: HistoryReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query: { instance } }) =>
      historyReply(
        await ask({ type: "read-history", instance: wholeNumber("instance", instance, SINGLE_DECREE) }, headers),
      ),
  });
}
