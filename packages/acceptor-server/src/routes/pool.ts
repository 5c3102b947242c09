import type { StateReply } from "@synod/api";
import { InstanceQuery, PoolStateReplySchema, ProblemSchema } from "@synod/api/schemas";
import type { AcceptorClient } from "@synod/client";
import { SINGLE_DECREE } from "@synod/consensus";
import type { AcceptorHost } from "../acceptor-host.js";
import type { App } from "../node/node-app.js";
import { wholeNumber } from "../node/whole-number.js";
import { stateReply } from "../wire.js";

/**
 * The state of the whole pool, asked of one server. It asks the others at the same time; the client it asks them with
 * bounds the wait, and a server that does not answer is left out.
 */
export function addPoolRoute(
  app: App,
  host: AcceptorHost,
  serverId: number,
  peers: ReadonlyMap<number, Pick<AcceptorClient, "state">>,
): void {
  app.route({
    method: "GET",
    url: "/pool/state",
    schema: {
      summary: "The state of every server of the pool that answers, by its id",
      querystring: InstanceQuery,
      response: { 200: PoolStateReplySchema, default: ProblemSchema },
    },
    handler: async ({ query, log }) => {
      const instance = wholeNumber("instance", query.instance, SINGLE_DECREE);
      const own = host.ask({ type: "read-state", instance }).then(stateReply);
      const asked: [number, Promise<StateReply>][] = [[serverId, own]];
      for (const [peerId, peer] of peers) asked.push([peerId, peer.state(instance)]);
      const answers = await Promise.all(
        asked.map(([id, answer]) =>
          answer.then(
            (state) => [String(id), state] as const,
            (error: unknown) => {
              log.debug({ server: id, err: error }, "left out of the pool's state");
              return null;
            },
          ),
        ),
      );
      return Object.fromEntries(answers.filter((answer) => answer !== null));
    },
  });
}
