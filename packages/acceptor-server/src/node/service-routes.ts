import type { HealthReply } from "@synod/api";
import { EmptyQuery, HealthReplySchema } from "@synod/api/schemas";
import type { App } from "./node-app.js";
import type { NodeMetrics } from "./node-metrics.js";

/** What the service routes tell. */
export interface ServiceFacts {
  readonly health: Omit<HealthReply, "status">;
  readonly metrics: NodeMetrics;
  /** Why requests are not answered; nothing if they are. Each reason begins with a code. */
  readonly notReady: () => readonly string[];
}

/** Whose server it is, whether it lives, whether it can be used, what it counts and what it speaks. */
export function addServiceRoutes(app: App, { health, metrics, notReady }: ServiceFacts): void {
  app.route({
    method: "GET",
    url: "/livez",
    config: { answersWhilePaused: true },
    schema: { summary: "The process lives", querystring: EmptyQuery },
    handler: async () => ({ status: "ok", pid: process.pid }),
  });

  app.route({
    method: "GET",
    url: "/readyz",
    schema: { summary: "200 if requests are answered; 503 with the reasons if not", querystring: EmptyQuery },
    handler: async (_request, reply) => {
      const reasons = notReady();
      if (reasons.length === 0) return { status: "ready", reasons };
      return reply.status(503).send({ status: "not ready", reasons });
    },
  });

  app.route({
    method: "GET",
    url: "/health",
    schema: { summary: "Whose server this is", querystring: EmptyQuery, response: { 200: HealthReplySchema } },
    handler: async (): Promise<HealthReply> => ({ status: "ok", ...health }),
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
