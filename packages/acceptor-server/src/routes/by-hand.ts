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
import type { AcceptorHost } from "../acceptor-host.js";
import type { App } from "../app.js";
import { wholeNumber } from "../whole-number.js";
import { acceptReply, historyReply, prepareReply, stateReply } from "../wire.js";

/** The messages of single-decree Paxos, as a person sends them. */
export function addRoutesByHand(app: App, host: AcceptorHost): void {
  app.route({
    method: "POST",
    url: "/prepare",
    schema: {
      summary: "Phase 1: ask for a promise to accept nothing below this id",
      querystring: EmptyQuery,
      body: PrepareBody,
      response: { 200: PrepareReplySchema, default: ProblemSchema },
    },
    handler: async ({ body: { id, instance = SINGLE_DECREE } }) =>
      prepareReply(await host.ask({ type: "prepare", id, instance })),
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
    handler: async ({ body: { id, value, instance = SINGLE_DECREE } }) =>
      acceptReply(await host.ask({ type: "accept", id, instance, value })),
  });

  app.route({
    method: "GET",
    url: "/state",
    schema: {
      summary: "What this acceptor has promised, and accepted in this instance",
      querystring: InstanceQuery,
      response: { 200: StateReplySchema, default: ProblemSchema },
    },
    handler: async ({ query: { instance } }) =>
      stateReply(await host.ask({ type: "read-state", instance: wholeNumber("instance", instance, SINGLE_DECREE) })),
  });

  app.route({
    method: "GET",
    url: "/history",
    schema: {
      summary: "Every acceptance of this instance that was made by /accept and is still known, oldest first",
      querystring: InstanceQuery,
      response: { 200: HistoryReplySchema, default: ProblemSchema },
    },
    handler: async ({ query: { instance } }) =>
      historyReply(
        await host.ask({ type: "read-history", instance: wholeNumber("instance", instance, SINGLE_DECREE) }),
      ),
  });
}
