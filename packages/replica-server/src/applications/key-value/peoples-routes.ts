import { type Admission, type App, takeTurns } from "@synod/acceptor-server";
import type { TakesWrites } from "../../people/takes-writes.js";
import { addBatchRoute } from "./batch-route.js";
import type { KeyValueService } from "./key-value-service.js";
import { addKeyValueRoutes } from "./kv-routes.js";
import type { OpenSubscriptions } from "./open-subscriptions.js";
import { addOriginalRoutes } from "./original-routes.js";
import { addSubscriptionRoutes, type Watching } from "./subscription-routes.js";

/** What the routes for people stand on. */
export interface PeoplesRoutes {
  readonly service: KeyValueService;
  readonly takesWrites: TakesWrites;
  readonly watching: Watching;
  /** What bounds the reads and writes that are under way; streams of changes have a bound of their own. */
  readonly admission: Admission;
}

/** The routes of the key-value store, the same at gateways and learners. @returns the subscriptions that are open */
export function addPeoplesRoutes(
  app: App,
  { service, takesWrites, watching, admission }: PeoplesRoutes,
): OpenSubscriptions {
  app.register(async (scope) => {
    const byTurns = scope as App;
    takeTurns(byTurns, admission);
    addOriginalRoutes(byTurns, service, takesWrites);
    addKeyValueRoutes(byTurns, { service, takesWrites, admission });
    addBatchRoute(byTurns, service, takesWrites);
  });
  return addSubscriptionRoutes(app, watching);
}
