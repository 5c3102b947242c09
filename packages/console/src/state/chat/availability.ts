import { signal } from "@preact/signals";
import type { ChatAccountReply } from "@synod/api";
import { ask } from "../../server/ask.js";
import { nameComplaint } from "../../words/chat/credentials.js";
import { whyNot } from "./caller.js";
import { settled } from "./settled.js";

/** Whether an account can be called as somebody types. */
export type Availability =
  | { readonly kind: "nothing-typed" }
  | { readonly kind: "no-name"; readonly why: string }
  | { readonly kind: "asking" }
  | { readonly kind: "free" }
  | { readonly kind: "taken" }
  | { readonly kind: "not-known"; readonly why: string };

export const availability = signal<Availability>({ kind: "nothing-typed" });

let lastTurn = 0;

/** Finds out about this name, once nothing else was typed for a moment. */
export async function checkName(name: string): Promise<void> {
  const turn = ++lastTurn;
  const why = nameComplaint(name);
  if (name === "") availability.value = { kind: "nothing-typed" };
  else if (why !== null) availability.value = { kind: "no-name", why };
  else {
    availability.value = { kind: "asking" };
    await settled();
    if (turn !== lastTurn) return;
    const path = `/chat/accounts/${encodeURIComponent(name)}`;
    const outcome = await ask<ChatAccountReply>({ method: "GET", path });
    if (turn !== lastTurn) return;
    if (outcome.kind === "answered") availability.value = { kind: outcome.body.exists ? "taken" : "free" };
    else availability.value = { kind: "not-known", why: whyNot(outcome) };
  }
}
