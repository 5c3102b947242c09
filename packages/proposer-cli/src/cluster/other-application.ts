import type { ApplicationName, Topology } from "@synod/api";
import { UsageError } from "../terminal/exit-code.js";

/** What a cluster is, and what is for it. */
const WORDS: Readonly<Record<ApplicationName, { readonly what: string; readonly commands: string }>> = {
  "key-value": { what: "a key-value store", commands: "synod kv put and synod kv get are for it" },
  ledger: { what: "a ledger", commands: "synod ledger put and synod ledger get are for it" },
  chat: { what: "a chat", commands: "synod chat is for it" },
};

/** @throws {UsageError} if something else than this runs on the cluster: it says what, and what is for it */
export function refuseOtherApplication({ name, application }: Topology, wanted: ApplicationName): void {
  if (application === wanted) return;
  const { what, commands } = WORDS[application];
  const none = WORDS[wanted].what.replace(/^a /, "no ");
  throw new UsageError(
    `the cluster ${name} is ${what} and ${none}: ${commands}; synod cluster status shows its servers`,
  );
}
