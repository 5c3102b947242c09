import {
  EmptyQuery,
  FaultsBegunReplySchema,
  FaultsBody,
  FaultsQuery,
  FaultsReplySchema,
  HealedReplySchema,
  ProblemSchema,
} from "@synod/api/schemas";
import type { App } from "./node-app.js";
import type { NodeFaults } from "./node-faults.js";
import { RequestRefused } from "./refusals.js";
import { wholeNumber } from "./whole-number.js";

/** Breaks this node on purpose, and mends it. @param faults null: nobody may */
export function addFaultRoutes(app: App, faults: NodeFaults | null): void {
  // While a fault pauses the node, this is how it is healed.
  const config = { answersWhilePaused: true };

  app.route({
    method: "GET",
    url: "/faults",
    config,
    schema: {
      summary: "The faults at work in this process",
      querystring: EmptyQuery,
      response: { 200: FaultsReplySchema, default: ProblemSchema },
    },
    handler: async () => ({ faults: known(faults).list(), seed: known(faults).seed }),
  });

  app.route({
    method: "POST",
    url: "/faults",
    config,
    schema: {
      summary: "Begin faults, written in the language of docs/faults.md; if anything is wrong with them, none begins",
      querystring: EmptyQuery,
      body: FaultsBody,
      response: { 200: FaultsBegunReplySchema, default: ProblemSchema },
    },
    handler: async ({ body }) => {
      const begun = await known(faults).add(body.faults);
      return { ids: begun.map(({ id }) => id), faults: begun, seed: known(faults).seed };
    },
  });

  app.route({
    method: "DELETE",
    url: "/faults",
    config,
    schema: {
      summary: "End all faults, or the one of this id",
      querystring: FaultsQuery,
      response: { 200: HealedReplySchema, default: ProblemSchema },
    },
    handler: async ({ query: { id } }) => ({
      healed: known(faults).heal(id === undefined ? undefined : wholeNumber("id", id, 0)),
    }),
  });
}

/** @throws {RequestRefused} if nobody may break this cluster */
function known(faults: NodeFaults | null): NodeFaults {
  if (faults) return faults;
  throw new RequestRefused(
    "chaos-off",
    "start the cluster with chaos: true in its topology, and it can be broken at will",
  );
}
