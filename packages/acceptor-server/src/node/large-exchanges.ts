import type { FastifyRequest } from "fastify";
import type { Connections } from "./connections.js";
import { HeldBytes, LARGE_BYTES } from "./held-bytes.js";
import type { App } from "./node-app.js";
import { NotServed } from "./refusals.js";

/**
 * Bounds what large bodies and large answers take up, however slowly they are sent or read: a body for which there is no
 * room is refused before it is read, and of answers that nobody reads the oldest give way.
 */
export function boundLargeExchanges(app: App, connections: Connections): void {
  const bodies = new HeldBytes(connections.limits.bodyBytes);

  app.addHook("onRequest", (request, reply, done) => {
    const bytes = announcedBytes(request);
    if (bytes < LARGE_BYTES) return done();
    // What is too large for its route is refused for that.
    const most = request.routeOptions.bodyLimit;
    if (bytes > most) return done();
    if (!bodies.hasRoomFor(bytes)) {
      reply.header("connection", "close");
      return done(
        new NotServed("overloaded", "large bodies of other requests take up the memory; try again in a second"),
      );
    }
    bodies.add(reply.raw, bytes);
    done();
  });

  app.addHook("onSend", (_request, reply, payload, done) => {
    if (typeof payload === "string" && payload.length >= LARGE_BYTES) connections.holdAnswer(reply.raw, payload.length);
    done(null, payload);
  });
}

/** The length of the body; of one that comes in chunks, the most that it may be. */
function announcedBytes(request: FastifyRequest): number {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length !== undefined) return Number(length);
  return encoding === undefined ? 0 : request.routeOptions.bodyLimit;
}
