import type { Problem } from "@synod/api";

/** One request to the server that the page came from. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The token of a login, for what is done in somebody's name. */
  readonly login?: string;
  /** How long to wait for the whole answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** What came of a request. */
export type Outcome<Body> =
  | { readonly kind: "answered"; readonly status: number; readonly body: Body }
  | { readonly kind: "refused"; readonly status: number; readonly problem: Problem & Readonly<Record<string, unknown>> }
  /** No whole answer: nobody listens, or nobody answered in time. */
  | { readonly kind: "silent"; readonly why: string };
