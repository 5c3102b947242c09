import { setMaxListeners } from "node:events";
import { CLUSTER_HEADER, FROM_HEADER } from "@synod/api";
import type { FastifyRequest } from "fastify";
import { UNHARMED } from "./link-faults.js";
import type { App } from "./node-app.js";
import type { NodeFaults } from "./node-faults.js";
import { RequestRefused, stopping } from "./refusals.js";
import { delay, orUntil } from "./waiting.js";

/** Refuses requests that are meant for another cluster, whose node may have had this address before. */
export function refuseOtherClusters(app: App, cluster: string): void {
  app.addHook("onRequest", ({ headers }, _reply, done) => {
    const meant = headers[CLUSTER_HEADER];
    if (meant === cluster || (meant === undefined && headers[FROM_HEADER] === undefined)) return done();
    const other = meant ?? "one without a name";
    done(new RequestRefused("wrong-cluster", `this is a node of cluster ${cluster}, not of ${other}`));
  });
}

/**
 * Lets requests meet the faults of this node.
 *
 * While it is paused they wait, people's too, and so do answers. The answer to another node's request, which that node
 * names in `synod-from`, takes the link from here to there: if it is lost, the connection breaks without an answer, which
 * is all that HTTP has for it; if it is delayed, it waits. A request that comes over a link which is cut here is not taken
 * at all. People's requests meet no fault of a link, and no answer is sent twice.
 */
export function meetFaults(app: App, faults: NodeFaults): void {
  const end = new AbortController();
  // Any number of requests may wait for the node to go on.
  setMaxListeners(0, end.signal);
  app.addHook("preClose", async () => end.abort());

  // Once the request has arrived as a whole: it must not seem to be a slow one.
  app.addHook("preValidation", (request, reply, done) => {
    if (!faults.isIdle && isCutOff(request)) {
      // Nothing further is done with it: to whoever sent it, it is lost.
      reply.hijack();
      request.raw.socket.destroy();
      return;
    }
    if (!isHeld(request)) return done();
    void untilGoingOn(request).then(() => {
      // What has not begun when the server stops shall have had no effect.
      if (isHeld(request)) done(stopping());
      else done();
    });
  });

  app.addHook("onSend", (request, reply, payload, done) => {
    // Mostly there is no fault at all, and then this costs nothing.
    if (faults.isIdle) return done(null, payload);
    void untilGoingOn(request)
      .then(() => getsThrough(request))
      .then((isHeard) => {
        // What is sent afterwards goes nowhere.
        if (!isHeard) reply.raw.socket?.destroy();
        done(null, payload);
      });
  });

  function isHeld({ routeOptions }: FastifyRequest): boolean {
    return faults.whilePaused() !== null && routeOptions.config?.answersWhilePaused !== true;
  }

  /** What breaks and mends nodes is no message of theirs, and gets through whatever is cut. */
  function isCutOff({ headers, routeOptions }: FastifyRequest): boolean {
    const from = headers[FROM_HEADER];
    const isMessage = typeof from === "string" && routeOptions.config?.answersWhilePaused !== true;
    return isMessage && faults.isCut(from, faults.node);
  }

  async function untilGoingOn(request: FastifyRequest): Promise<void> {
    while (isHeld(request) && !end.signal.aborted) await orUntil(faults.whilePaused() ?? Promise.resolve(), end.signal);
  }

  async function getsThrough({ headers }: FastifyRequest): Promise<boolean> {
    const to = headers[FROM_HEADER];
    const fate = typeof to === "string" ? faults.fateOf(faults.node, to) : UNHARMED;
    if (fate === "lost") return false;
    if (fate.delayMs === 0) return true;
    await delay(fate.delayMs, end.signal);
    return !faults.isCut(faults.node, String(to));
  }
}
