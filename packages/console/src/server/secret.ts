import { signal } from "@preact/signals";
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

/** What every request carries to show that it may be answered. */
export function secretHeaders(): Record<string, string> {
  return secret.value === null ? {} : { authorization: `Bearer ${secret.value}` };
}
