import { computed, signal } from "@preact/signals";
import type { AddBlockReply, Problem } from "@synod/api";
import { literalIn } from "../words/literal.js";
import type { Operation } from "../words/operation.js";
import { lookSoon } from "./cluster.js";
import { request } from "./requests.js";

/** What is shown of the last thing that was asked of the ledger. */
export type LedgerAnswer =
  | { readonly kind: "asking"; readonly what: string }
  | { readonly kind: "answered"; readonly key: string; readonly reply: AddBlockReply }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "silent"; readonly why: string };

/** What is typed in. */
export const ledgerKey = signal("");
export const ledgerValue = signal("");

/** How that is understood; null while nothing is typed. */
export const understoodKey = computed(() => (ledgerKey.value === "" ? null : literalIn(ledgerKey.value)));
export const understoodValue = computed(() => (ledgerValue.value === "" ? null : literalIn(ledgerValue.value)));

export const ledgerAnswer = signal<LedgerAnswer | null>(null);

let lastAsked = 0;

/** Adds a block that puts the value. */
export function putInLedger(): Promise<void> {
  const { value } = literalIn(ledgerValue.value);
  return add("putting", { type: "put", key: literalIn(ledgerKey.value).value, value });
}

/** Adds a block that asks for the key: reads are in the chain, too. */
export function getFromLedger(): Promise<void> {
  return add("getting", { type: "get", key: literalIn(ledgerKey.value).value });
}

async function add(deed: string, operation: Operation): Promise<void> {
  const turn = ++lastAsked;
  const key = JSON.stringify(operation.key);
  ledgerAnswer.value = { kind: "asking", what: `${deed} ${key}` };
  const outcome = await request<AddBlockReply>({ method: "POST", path: "/ledger/blocks", body: { operation } });
  lookSoon();
  if (turn !== lastAsked) return;
  if (outcome.kind === "answered") ledgerAnswer.value = { kind: "answered", key, reply: outcome.body };
  else ledgerAnswer.value = outcome;
}
