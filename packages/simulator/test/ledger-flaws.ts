import { LEDGER_ALWAYS } from "../src/ledger/properties.ts";
import { FAULTS_FOR_FLAWS } from "./multipaxos-flaws.ts";

/** The faults under which a flaw of the ledger shows soon; the others show under random ones. */
export const FAULTS_FOR_LEDGER_FLAWS: Readonly<Record<string, string | undefined>> = {
  "never-catches-up": FAULTS_FOR_FLAWS["applies-across-gaps"],
};

/** What a ledger's chain shows by itself, without a look at the log under it. */
export const SEEN_IN_THE_CHAIN = LEDGER_ALWAYS.map(({ name }) => name);
