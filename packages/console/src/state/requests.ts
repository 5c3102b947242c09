import { signal } from "@preact/signals";
import { ask } from "../server/ask.js";
import type { Outcome, Request } from "../server/outcome.js";
import { withoutSecrets } from "../words/confidential.js";
import type { Cost } from "../words/cost.js";
import { saw } from "./session.js";

/** A request of a person, and what came of it. */
export interface RequestRecord {
  readonly number: number;
  readonly at: Date;
  readonly request: Request;
  readonly outcome: Outcome<unknown>;
  /** Milliseconds until the answer, as this page saw it. */
  readonly ms: number;
  readonly cost: Cost | null;
  readonly slot: number | null;
}

/** Requests that are remembered at most. */
export const MOST_REQUESTS = 50;

/** The last requests, the latest first. */
export const requests = signal<readonly RequestRecord[]>([]);

let lastNumber = 0;

/** Sends a request, and keeps what came of it. */
export async function request<Body>(what: Request): Promise<Outcome<Body>> {
  const [at, begin] = [new Date(), performance.now()];
  const outcome = await ask<Body>(what);
  const members = membersOf(outcome);
  const slot = typeof members["slot"] === "number" ? members["slot"] : null;
  const cost = (members["cost"] as Cost | undefined) ?? null;
  const ms = performance.now() - begin;
  const record = { number: ++lastNumber, at, ...shownOf(what, outcome), ms, cost, slot };
  requests.value = [record, ...requests.value].slice(0, MOST_REQUESTS);
  if (typeof members["token"] === "number") saw(members["token"]);
  return outcome;
}

/** Begins the list anew. */
export function forgetRequests(): void {
  requests.value = [];
}

/** As it is shown: what was typed in confidence is not. */
function shownOf(request: Request, outcome: Outcome<unknown>): Pick<RequestRecord, "request" | "outcome"> {
  return {
    request: { ...request, body: withoutSecrets(request.body), ...(request.login === undefined ? {} : { login: "…" }) },
    outcome: outcome.kind === "answered" ? { ...outcome, body: withoutSecrets(outcome.body) } : outcome,
  };
}

/** The members of an answer or of a problem: a refused comparison has a slot and a cost, too. */
function membersOf(outcome: Outcome<unknown>): Readonly<Record<string, unknown>> {
  if (outcome.kind === "silent") return {};
  const body = outcome.kind === "answered" ? outcome.body : outcome.problem;
  return typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
}
