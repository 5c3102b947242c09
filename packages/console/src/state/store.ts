import { signal } from "@preact/signals";
import type { DeleteReply, Problem, PutReply, ReadReply, WriteReply } from "@synod/api";
import type { Outcome } from "../server/outcome.js";
import type { Cost } from "../words/cost.js";
import { type Freshness, freshnessOf, type Level } from "../words/levels.js";
import { decidedSlot, lookSoon } from "./cluster.js";
import { listAgain } from "./keys.js";
import { request } from "./requests.js";
import { seenSlot } from "./session.js";

/** A value and the slot of the write that put it there. */
interface Versioned {
  readonly value: string;
  readonly revision: number;
}

/** What is shown of the last thing that was done with the store. */
export type Answer =
  | { readonly kind: "asking"; readonly what: string }
  | { readonly kind: "wrote"; readonly key: string; readonly slot: number; readonly cost: Cost }
  | { readonly kind: "deleted"; readonly key: string; readonly wasThere: boolean; slot: number; readonly cost: Cost }
  | {
      readonly kind: "read";
      readonly key: string;
      readonly found: Versioned | null;
      readonly freshness: Freshness;
      readonly cost: Cost;
    }
  | { readonly kind: "not-as-expected"; readonly current: Versioned | null; readonly cost: Cost }
  /** Nothing went to the server at all. */
  | { readonly kind: "not-sent"; readonly why: string }
  | { readonly kind: "refused"; readonly problem: Problem; readonly isWrite: boolean }
  | { readonly kind: "silent"; readonly why: string; readonly isWrite: boolean };

/** What a write expects to find. */
export type Expectation = "anything" | "absent" | "value";

/** What is typed in, and how it is meant. */
export const key = signal("");
export const value = signal("");
export const expectation = signal<Expectation>("anything");
export const expected = signal("");
export const level = signal<Level>("eventual");

export const answer = signal<Answer | null>(null);

let lastAsked = 0;

/** Writes the value, if what is there is as expected. */
export function put(): Promise<void> {
  const what = expectation.value;
  if (what === "anything") return putAnyway(key.value, value.value);
  return putIf(key.value, value.value, what === "absent" ? null : expected.value);
}

async function putAnyway(key: string, value: string): Promise<void> {
  const tell = asking(`putting ${key}`);
  const outcome = await request<WriteReply>({ method: "POST", path: "/write", body: { key, value } });
  tell(outcome, ({ slot, cost }) => ({ kind: "wrote", key, slot, cost }), true);
}

async function putIf(key: string, value: string, expected: string | null): Promise<void> {
  const path = pathOf(key);
  if (path === null) return refuseToName(key);
  const tell = asking(`putting ${key}, if it is as expected`);
  const outcome = await request<PutReply>({ method: "PUT", path, body: { value, expected } });
  tell(outcome, ({ slot, cost }) => ({ kind: "wrote", key, slot, cost }), true);
}

/** Deletes the key, whatever it holds. */
export async function remove(): Promise<void> {
  const asked = key.value;
  const path = pathOf(asked);
  if (path === null) return refuseToName(asked);
  const tell = asking(`deleting ${asked}`);
  const outcome = await request<DeleteReply>({ method: "DELETE", path });
  tell(outcome, ({ deleted, slot, cost }) => ({ kind: "deleted", key: asked, wasThere: deleted, slot, cost }), true);
}

type KeyRead = Extract<ReadReply, { found: boolean }>;

/** Reads the key at the level that is chosen. */
export async function read(): Promise<void> {
  const [asked, how, seen] = [key.value, level.value, seenSlot.value];
  const tell = asking(`reading ${asked}`);
  // What the session has seen travels with the request, so that any gateway can serve it.
  const token = how === "session" && seen !== null ? { token: seen } : {};
  const body = { key: asked, consistency: how, ...token };
  const outcome = await request<KeyRead>({ method: "POST", path: "/read", body });
  const shown = ({ value, revision, slot, learner, cost }: KeyRead): Answer => ({
    kind: "read",
    key: asked,
    found: value === null || revision === null ? null : { value, revision },
    freshness: freshnessOf({ level: how, slot, learner, decided: decidedSlot.value, seen }),
    cost,
  });
  tell(outcome, shown, false);
}

/** Shows that something is asked. @returns what shows the answer, unless something else was asked meanwhile */
function asking(what: string) {
  const turn = ++lastAsked;
  answer.value = { kind: "asking", what };
  return <Body>(outcome: Outcome<Body>, shown: (body: Body) => Answer, isWrite: boolean): void => {
    if (isWrite) {
      lookSoon();
      void listAgain();
    }
    if (turn === lastAsked)
      answer.value = outcome.kind === "answered" ? shown(outcome.body) : failure(outcome, isWrite);
  };
}

function failure(outcome: Exclude<Outcome<unknown>, { kind: "answered" }>, isWrite: boolean): Answer {
  if (outcome.kind === "silent") return { kind: "silent", why: outcome.why, isWrite };
  const { problem } = outcome;
  if (problem.code !== "compare-failed") return { kind: "refused", problem, isWrite };
  return { kind: "not-as-expected", current: problem["current"] as Versioned | null, cost: problem["cost"] as Cost };
}

/** The path of a key; null for those few that a browser takes for steps in a path, or that are no text. */
function pathOf(key: string): string | null {
  if (key === "." || key === "..") return null;
  try {
    return `/kv/${encodeURIComponent(key)}`;
  } catch {
    return null;
  }
}

function refuseToName(key: string): void {
  answer.value = { kind: "not-sent", why: `A browser cannot name the key "${key}" in a path: use synod kv for it.` };
}
