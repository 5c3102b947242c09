import { isLoopback, parseAddress } from "@synod/api";
import type { App } from "./node-app.js";
import { RequestRefused } from "./refusals.js";
import { OPEN_ROUTES } from "./secret.js";

/**
 * Refuses requests that call this machine by a name that is not its own, for a server without a secret, which others do not
 * reach: a page of another site whose name leads here (DNS rebinding) would be taken for our own, by the browser and by us.
 */
export function refuseOtherNames(app: App): void {
  app.addHook("onRequest", async ({ headers: { host }, routeOptions }) => {
    // No browser sends a request without it.
    if (host === undefined || OPEN_ROUTES.has(routeOptions.url ?? "") || isOwnName(host)) return;
    throw new RequestRefused(
      "not-from-here",
      `a server without a secret answers as localhost, 127.0.0.1 or [::1] alone, not as ${host.slice(0, 100)}`,
    );
  });
}

/** Whether a `host` header names the machine itself. */
export function isOwnName(header: string): boolean {
  const text = header.toLowerCase();
  try {
    return isLoopback(parseAddress(/:\d+$/.test(text) ? text : `${text}:80`).host);
  } catch {
    // Not an address at all, and so no loopback.
    return false;
  }
}
