import { signal } from "@preact/signals";
import type { EntriesReply } from "@synod/api";
import { ask } from "../server/ask.js";
import type { Outcome } from "../server/outcome.js";
import type { Level } from "../words/levels.js";
import { request } from "./requests.js";

/** How a list is asked for: `request` keeps it among the requests of a person. */
type Send = typeof ask;

/** Keys on a page. */
const MOST_KEYS = 20;

export interface KeyPage {
  readonly prefix: string;
  /** The keys after which each page up to this one begins; null: at the first key. */
  readonly begins: readonly (string | null)[];
  readonly outcome: Outcome<EntriesReply>;
}

export const prefix = signal("");
export const listLevel = signal<Level>("eventual");
/** The page of keys that is shown; null before the first. */
export const keyPage = signal<KeyPage | null>(null);

/** The first page of the keys with this prefix. @param send `ask`, where no person asked for it */
export function listFirst(send: Send = request): Promise<void> {
  return list(prefix.value, [null], send);
}

/** The page after the one that is shown. */
export async function listNext(): Promise<void> {
  const page = keyPage.value;
  if (page?.outcome.kind !== "answered" || page.outcome.body.next === null) return;
  await list(page.prefix, [...page.begins, page.outcome.body.next], request);
}

/** The page before the one that is shown. */
export async function listPrevious(): Promise<void> {
  const page = keyPage.value;
  if (page && page.begins.length > 1) await list(page.prefix, page.begins.slice(0, -1), request);
}

/** The same page once more: something was written. */
export async function listAgain(): Promise<void> {
  const page = keyPage.value;
  if (page) await list(page.prefix, page.begins, ask);
}

async function list(prefix: string, begins: KeyPage["begins"], send: Send): Promise<void> {
  const after = begins.at(-1) ?? null;
  const bounds = prefix === "" ? { type: "all" } : { type: "prefix", prefix };
  const body = { ...bounds, ...(after === null ? {} : { after }), limit: MOST_KEYS, consistency: listLevel.value };
  keyPage.value = { prefix, begins, outcome: await send<EntriesReply>({ method: "POST", path: "/read", body }) };
}
