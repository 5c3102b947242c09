import { EmptyQuery } from "@synod/api/schemas";
import type { EventFeed } from "./event-feed.js";
import type { App } from "./node-app.js";

/** What this role sends, as it sends it. */
export function addEventRoutes(app: App, events: EventFeed): void {
  app.route({
    method: "GET",
    url: "/events",
    // A HEAD would open a stream, too.
    exposeHeadRoute: false,
    config: { answersWhilePaused: true },
    schema: {
      summary: "Every message that this role sends from now on, as server-sent events",
      produces: ["text/event-stream"],
      querystring: EmptyQuery,
    },
    handler: (_request, reply) => events.open(reply),
  });
}
