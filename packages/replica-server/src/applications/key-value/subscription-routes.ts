import { type App, RequestRefused, wholeNumber } from "@synod/acceptor-server";
import { FROM_HEADER, type SubscribeReply } from "@synod/api";
import {
  EmptyQuery,
  ProblemSchema,
  SubscribeBody,
  SubscribeReplySchema,
  UnsubscribeBody,
  UnsubscribeReplySchema,
  WatchQuery,
} from "@synod/api/schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { lastEventId } from "../../people/last-event-id.js";
import { OpenSubscriptions } from "./open-subscriptions.js";
import { newSubscription, type Subscription, subscriptionOf, unknownSubscription } from "./subscription.js";

/** How a server tells changes. */
export interface Watching {
  /** The slot after which a subscription that is made now tells changes. */
  now(label: string | null): Promise<number>;
  /**
   * Answers with a stream that says that it has started, and then tells the changes after this revision.
   *
   * @returns the stream, which is open until it is closed
   * @throws {NotServed} if there are too many
   */
  open(request: FastifyRequest, reply: FastifyReply, subscription: Subscription, after: number): OpenStream;
  /** Tells the other servers that a subscription has ended; waits for them a little. */
  spreadEnd(id: string): Promise<void>;
}

type OpenStream = Parameters<OpenSubscriptions["add"]>[1];

/**
 * Changes of keys as they happen: subscriptions, which outlive their streams, and `/kv/watch` for those who need none.
 *
 * @returns what is open
 */
export function addSubscriptionRoutes(app: App, watching: Watching): OpenSubscriptions {
  const subscriptions = new OpenSubscriptions();

  app.route({
    method: "POST",
    url: "/subscribe",
    schema: {
      summary: "Subscribe to changes of keys; the stream is a GET on `events`, and begins here and now",
      querystring: EmptyQuery,
      body: SubscribeBody,
      response: { 200: SubscribeReplySchema, default: ProblemSchema },
    },
    handler: async ({ body: { patterns, client_id } }): Promise<SubscribeReply> => {
      // Before anything is asked of others: what is no pattern is refused.
      newSubscription(patterns, 0);
      const { id } = newSubscription(patterns, await watching.now(client_id ?? null));
      return { subscription_id: id, events: `/subscriptions/${id}/events` };
    },
  });

  app.route({
    method: "POST",
    url: "/unsubscribe",
    schema: {
      summary: "End a subscription and its streams, here and at all other servers that are reached",
      querystring: EmptyQuery,
      body: UnsubscribeBody,
      response: { 200: UnsubscribeReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body: { subscription_id: id } }) => {
      subscriptionOf(id);
      if (subscriptions.hasEnded(id)) throw unknownSubscription();
      subscriptions.end(id);
      if (headers[FROM_HEADER] === undefined) await watching.spreadEnd(id);
      return { success: true as const };
    },
  });

  app.route({
    method: "GET",
    // Not a parameter: those have a bound on their length.
    url: "/subscriptions/*",
    exposeHeadRoute: false,
    schema: {
      summary:
        "/subscriptions/<id>/events: the changes, as server-sent events, one a revision; resume with the header last-event-id",
      produces: ["text/event-stream"],
      querystring: EmptyQuery,
    },
    handler: (request, reply) => {
      const subscription = subscriptionOf(idIn(request.params));
      if (subscriptions.hasEnded(subscription.id)) throw unknownSubscription();
      const after = lastEventId(request.headers) ?? subscription.after;
      subscriptions.add(subscription.id, watching.open(request, reply, subscription, after));
    },
  });

  app.route({
    method: "GET",
    url: "/kv/watch",
    exposeHeadRoute: false,
    schema: {
      summary: "Changes of the keys of these patterns, from a revision on, as server-sent events, one a revision",
      produces: ["text/event-stream"],
      querystring: WatchQuery,
    },
    handler: async (request, reply) => {
      const { pattern, from } = request.query;
      const patterns = [pattern].flat();
      newSubscription(patterns, 0);
      const first = from === undefined ? null : Math.max(0, wholeNumber("from", from, 0) - 1);
      const after = lastEventId(request.headers) ?? first ?? (await watching.now(null));
      const subscription = newSubscription(patterns, after);
      subscriptions.add(subscription.id, watching.open(request, reply, subscription, after));
    },
  });

  return subscriptions;
}

/** @throws {RequestRefused} `not-found` if it is no stream's path */
function idIn(params: unknown): string {
  const path = (params as { readonly "*"?: string })["*"] ?? "";
  if (path.endsWith("/events")) return path.slice(0, -"/events".length);
  throw new RequestRefused("not-found", "the stream of a subscription is /subscriptions/<id>/events");
}
