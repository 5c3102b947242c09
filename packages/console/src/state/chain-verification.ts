import { signal } from "@preact/signals";
import type { ChainReply } from "@synod/api";
import { type BlockProblem, ChainCheck } from "@synod/state-machines";
import { ask } from "../server/ask.js";
import type { Outcome } from "../server/outcome.js";
import { askForRecords } from "../server/records.js";

/** How the check of the chain in this page stands. */
export type ChainVerdict =
  | { readonly kind: "checking"; readonly checked: number; readonly height: number }
  | {
      readonly kind: "checked";
      readonly server: string;
      readonly height: number;
      readonly hash: string | null;
      readonly keys: number;
      /** The first of them. */
      readonly problems: readonly BlockProblem[];
      readonly problemCount: number;
    }
  | { readonly kind: "stopped"; readonly why: string };

export const chainVerdict = signal<ChainVerdict | null>(null);

/** Records that are asked for and checked at once: the page goes on between. */
const AT_ONCE = 200;
/** Problems that are told one by one. */
const MOST_PROBLEMS = 10;

/** Of several checks that were begun, the last one counts. */
let lastBegun = 0;

/** Ends the check that is under way. */
export function stopVerifying(): void {
  lastBegun++;
  chainVerdict.value = { kind: "stopped", why: "it was stopped" };
}

/** Fetches every record of the server's file, and checks it here: what the server thinks of its chain plays no part. */
export async function verifyChain(): Promise<void> {
  const turn = ++lastBegun;
  const isCurrent = () => turn === lastBegun;
  const head = await ask<ChainReply>({ method: "GET", path: "/ledger/chain" });
  if (!isCurrent()) return;
  if (head.kind !== "answered") return giveUp(head);
  const { server, height, difficulty } = head.body;
  const check = new ChainCheck({ difficulty });
  const problems: BlockProblem[] = [];
  let problemCount = 0;
  for (let taken = 0; taken < height; ) {
    chainVerdict.value = { kind: "checking", checked: taken, height };
    const outcome = await askForRecords(taken + 1, Math.min(AT_ONCE, height - taken));
    if (!isCurrent()) return;
    if (outcome.kind !== "answered") return giveUp(outcome);
    if (outcome.body.length === 0) break;
    for (const record of outcome.body) {
      const found = check.take(record ?? "");
      problemCount += found.length;
      problems.push(...found.slice(0, MOST_PROBLEMS - problems.length));
    }
    taken += outcome.body.length;
  }
  const last = check.head;
  if (last.height < height) {
    problemCount++;
    problems.push({ height: last.height + 1, what: `it is missing: the server says that there are ${height}` });
  }
  chainVerdict.value = { kind: "checked", server, ...last, keys: check.map.size, problems, problemCount };
}

function giveUp(outcome: Exclude<Outcome<unknown>, { kind: "answered" }>): void {
  chainVerdict.value = {
    kind: "stopped",
    why: outcome.kind === "refused" ? outcome.problem.detail : outcome.why,
  };
}
