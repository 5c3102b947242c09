import type { Admission } from "./admission.js";
import type { App } from "./node-app.js";

declare module "fastify" {
  interface FastifyRequest {
    /** When the request was let in, as `performance.now()` says it; 0 if it was not, or has left. */
    letInAt: number;
  }
}

/**
 * Has the requests of all routes that are added to this app from now on come in by turns. A request has its turn once it
 * has arrived as a whole, so that nobody takes up a place by sending slowly, and before it is checked.
 */
export function takeTurns(app: App, admission: Admission): void {
  app.decorateRequest("letInAt", 0);

  app.addHook("onRequest", (_request, _reply, done) => {
    done(admission.refusal ?? undefined);
  });

  app.addHook("preValidation", (request, _reply, done) => {
    if (admission.entersAtOnce()) {
      request.letInAt = performance.now();
      done();
      return;
    }
    admission.lineUp({
      go: (refusal) => {
        if (refusal) return done(refusal);
        request.letInAt = performance.now();
        done();
      },
      hasGone: () => request.raw.socket.destroyed,
    });
  });

  // Every request gets here that got in, its sender there or not.
  app.addHook("onSend", (request, reply, payload, done) => {
    if (request.letInAt > 0) {
      admission.leave(reply.statusCode < 400 ? performance.now() - request.letInAt : null);
      request.letInAt = 0;
    }
    done(null, payload);
  });

  app.addHook("preClose", (done) => {
    admission.close();
    done();
  });
}
