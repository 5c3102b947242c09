import { createHash, timingSafeEqual } from "node:crypto";
import type { App } from "./node-app.js";
import { RequestRefused } from "./refusals.js";

/** Asked by load balancers and by people who look whether anything is there at all. */
export const OPEN_ROUTES: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

/** Refuses every request that does not carry the shared secret. @param whose the pool's, or the cluster's */
export function requireSecret(app: App, secret: string, whose: "pool" | "cluster"): void {
  const isExpected = secretCheck(secret);
  app.addHook("onRequest", async ({ headers, routeOptions }) => {
    if (OPEN_ROUTES.has(routeOptions.url ?? "") || routeOptions.config?.needsNoSecret === true) return;
    if (isExpected(headers.authorization)) return;
    throw new RequestRefused("unauthorized", `send the ${whose}'s shared secret: authorization: Bearer <secret>`);
  });
}

/** Tells whether a request's authorization is this secret. */
export function secretCheck(secret: string): (authorization: string | undefined) => boolean {
  const expected = digest(`Bearer ${secret}`);
  // Digests have one length, and comparing them takes the same time wherever they differ.
  return (authorization) => timingSafeEqual(digest(authorization ?? ""), expected);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
