import type { Acceptance } from "./messages.js";

/** Which value a proposer with these promises must propose, and why. */
export type ValueChoice =
  /** Nothing was accepted by any of them: the proposer is free. */
  | { readonly kind: "free" }
  /** The value of the highest-numbered proposal among the answers. */
  | { readonly kind: "bound"; readonly by: Acceptance }
  /** Two values under the highest id: somebody broke the rules, and no choice is safe. */
  | { readonly kind: "conflict"; readonly between: readonly [Acceptance, Acceptance] };

/**
 * P2c (Paxos Made Simple §2.2): a proposal may carry any value if nobody in some majority has accepted a lower-numbered
 * one; else it must carry the value of the highest-numbered one that any of them accepted.
 *
 * @param accepted what each acceptor of a majority reported with its promise; null for nothing accepted
 */
export function chooseValue(accepted: Iterable<Acceptance | null>): ValueChoice {
  let highest: Acceptance | null = null;
  let rival: Acceptance | null = null;
  for (const acceptance of accepted) {
    if (acceptance === null) continue;
    if (highest === null || acceptance.acceptedId > highest.acceptedId) {
      highest = acceptance;
      rival = null;
    } else if (acceptance.acceptedId === highest.acceptedId && acceptance.acceptedValue !== highest.acceptedValue) {
      rival = acceptance;
    }
  }
  if (highest === null) return { kind: "free" };
  return rival ? { kind: "conflict", between: [highest, rival] } : { kind: "bound", by: highest };
}
