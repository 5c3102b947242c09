import type { App } from "@synod/acceptor-server";
import type { OpenSessionReply } from "@synod/api";
import { EmptyQuery, OpenSessionBody, OpenSessionReplySchema, ProblemSchema } from "@synod/api/schemas";
import { FIRST_COMMAND } from "@synod/state-machines";
import type { Written } from "./log-calls.js";
import { timeoutMs } from "./time-out.js";

export interface SessionRoute {
  readonly url: string;
  readonly summary: string;
  /** @throws {RequestRefused} as `LogCalls.openSession` */
  readonly open: (client: string, timeoutMs: number) => Promise<Written<{ readonly openedAt: number }>>;
}

/** The route at which a client that numbers its writes itself opens a session for them. */
export function addSessionRoute(app: App, { url, summary, open }: SessionRoute): void {
  app.route({
    method: "POST",
    url,
    schema: {
      summary,
      querystring: EmptyQuery,
      body: OpenSessionBody,
      response: { 200: OpenSessionReplySchema, default: ProblemSchema },
    },
    handler: async ({ body: { client, timeout_ms } }): Promise<OpenSessionReply> => {
      const { result, slot, token, cost } = await open(client, timeoutMs(timeout_ms));
      return { client, openedAt: result.openedAt, firstSequence: FIRST_COMMAND, slot, token, cost };
    },
  });
}
