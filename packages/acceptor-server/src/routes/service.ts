import { EmptyQuery } from "@synod/api/schemas";
import type { AcceptorHost } from "../acceptor-host.js";
import type { App } from "../app.js";
import type { Metrics } from "../metrics.js";

/** Whether the server lives, whether it can be used, what it counts and what it speaks. */
export function addServiceRoutes(app: App, host: AcceptorHost, metrics: Metrics): void {
  app.route({
    method: "GET",
    url: "/livez",
    schema: { summary: "The process lives", querystring: EmptyQuery },
    handler: async () => ({ status: "ok", pid: process.pid }),
  });

  app.route({
    method: "GET",
    url: "/readyz",
    schema: { summary: "200 if requests are answered; 503 with the reasons if not", querystring: EmptyQuery },
    handler: async (_request, reply) => {
      const { failure } = host;
      if (!failure) return { status: "ready", reasons: [] };
      return reply.status(503).send({ status: "not ready", reasons: [`${failure.code}: ${failure.message}`] });
    },
  });

  app.route({
    method: "GET",
    url: "/metrics",
    schema: { summary: "Counters in the text format of Prometheus", querystring: EmptyQuery },
    handler: async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });

  app.route({
    method: "GET",
    url: "/openapi.json",
    schema: { summary: "This description", querystring: EmptyQuery },
    handler: async () => app.swagger(),
  });
}
