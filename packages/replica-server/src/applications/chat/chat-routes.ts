import { type Admission, type App, takeTurns } from "@synod/acceptor-server";
import { addSessionRoute } from "../../people/session-route.js";
import { addAccountRoutes } from "./account-routes.js";
import type { ChatService } from "./chat-service.js";
import { addConversationRoutes } from "./conversation-routes.js";
import { addLoginRoutes } from "./login-routes.js";
import { addMessageRoutes } from "./message-routes.js";
import type { Passwords } from "./passwords.js";

/** What people's requests stand on. */
export interface ChatRoutes {
  readonly service: ChatService;
  readonly passwords: Passwords;
}

/** All routes of the chat but the stream of what is new, which has a bound of its own. */
export function addChatRoutes(app: App, routes: ChatRoutes, admission: Admission): void {
  app.register(async (scope) => {
    const byTurns = scope as App;
    takeTurns(byTurns, admission);
    addSessionRoute(byTurns, {
      url: "/chat/sessions",
      summary: "Open a session, for a client that numbers its writes itself so that each happens once",
      open: (client, withinMs) => routes.service.openSession(client, withinMs),
    });
    addAccountRoutes(byTurns, routes);
    addLoginRoutes(byTurns, routes);
    addMessageRoutes(byTurns, routes);
    addConversationRoutes(byTurns, routes);
  });
}
