import { signal } from "@preact/signals";
import type { Problem } from "@synod/api";
import { keep, kept } from "../state/kept.js";

/** Where a reload of this tab finds it again; it goes with the tab. */
const KEEPER = "synod-secret";

/** The shared secret of the cluster, for servers that other machines reach; null where none was given. */
const secret = signal<string | null>(kept("session", KEEPER));

/** Whether a server asked for a secret, or for another one. */
export const isSecretMissing = signal(false);

/** Sends this secret from now on. */
export function giveSecret(text: string): void {
  keep("session", KEEPER, text);
  secret.value = text;
  isSecretMissing.value = false;
}

/** Asks for a secret if that is what a server missed; a login that it missed is another matter. */
export function heedSecret({ code }: Problem): void {
  if (code === "unauthorized") isSecretMissing.value = true;
}

/** What every request carries to show that it may be answered. */
export function secretHeaders(): Record<string, string> {
  return secret.value === null ? {} : { authorization: `Bearer ${secret.value}` };
}
