import type { App } from "@synod/acceptor-server";
import { ChatEventsQuery } from "@synod/api/schemas";
import { lastEventId } from "../../people/last-event-id.js";
import type { ChatLearner } from "./chat-learner.js";
import { howToAsk } from "./how.js";
import { loginOf } from "./login-token.js";

/** The stream of what is new to whoever is logged in, from this node's own state. */
export function addChatEventRoute(app: App, here: ChatLearner): void {
  app.route({
    method: "GET",
    url: "/chat/events",
    exposeHeadRoute: false,
    schema: {
      summary: "What is new to one, as server-sent events; resume at any node with the header last-event-id",
      produces: ["text/event-stream"],
      querystring: ChatEventsQuery,
    },
    handler: async ({ headers, query }, reply) => {
      const asked = { token: loginOf(headers), after: lastEventId(headers), ...howToAsk(query) };
      await here.openStream(reply, asked);
    },
  });
}
