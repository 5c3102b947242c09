import type { Admission } from "../admission.js";
import type { PlainRequest } from "./plain-request.js";

/** A route that plain requests reach by the short way. */
export interface ShortRoute {
  readonly method: PlainRequest["method"];
  /** As the app has it: the path up to a `*` that stands for all of the rest. */
  readonly url: string;
  /** What bounds the requests that are under way, here as in the app. */
  readonly admission: Pick<Admission, "entersAtOnce" | "lineUp" | "leave">;
  /**
   * @param rest what stands in place of the `*`
   * @returns what does as the route's handler does, to be called once the request is let in; null if the app shall take it
   */
  readonly answer: (rest: string, request: PlainRequest) => (() => Promise<object>) | null;
}

/** A short route, and what of its paths belongs to other routes. */
interface Entry {
  readonly route: ShortRoute;
  readonly prefix: string;
  /** Rests that have a route of their own; and how those begin that have a part which stands for anything. */
  readonly exact: Set<string>;
  readonly beginnings: string[];
}

/** Finds the short route of a request, unless the app has one that says more of its path. */
export class ShortRoutes {
  readonly #entries: Entry[] = [];
  readonly #ofApp: { readonly method: string; readonly url: string }[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  add(route: ShortRoute): void {
    const entry = { route, prefix: route.url.slice(0, -1), exact: new Set<string>(), beginnings: [] };
    for (const { method, url } of this.#ofApp) leaveTo(entry, method, url);
    this.#entries.push(entry);
  }

  /** To be told of every route of the app: one that says more of a path than a short one goes before it. */
  passOver(method: string, url: string): void {
    this.#ofApp.push({ method, url });
    for (const entry of this.#entries) leaveTo(entry, method, url);
  }

  /** @returns the route, and what stands in place of its `*`; null if the request is for the app */
  find({ method, path }: PlainRequest): { readonly route: ShortRoute; readonly rest: string } | null {
    for (const { route, prefix, exact, beginnings } of this.#entries) {
      if (route.method !== method || !path.startsWith(prefix)) continue;
      const rest = path.slice(prefix.length);
      const isOfAnother = exact.has(rest) || beginnings.some((beginning) => rest.startsWith(beginning));
      return isOfAnother ? null : { route, rest };
    }
    return null;
  }
}

/** Of the paths of a short route, those of this one are left to the app. */
function leaveTo({ route, prefix, exact, beginnings }: Entry, method: string, url: string): void {
  if (method !== route.method || !url.startsWith(prefix)) return;
  const rest = url.slice(prefix.length);
  const open = rest.search(/[:*]/);
  if (open < 0) exact.add(rest);
  else if (open > 0) beginnings.push(rest.slice(0, open));
}
