import { setTimeout as delay } from "node:timers/promises";
import type { ClusterSettings } from "../cluster/settings.js";
import { untilServing } from "../cluster/start-nodes.js";
import { operate } from "../raft/operate.js";
import { CommandFailure } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

/** How long one try may take, and the pause before the next, in milliseconds. */
const ONE_TRY_MS = 2000;
const PAUSE_MS = 100;

/**
 * Lets a server of Raft lead that does not, by handing the lead over to it (thesis §3.10).
 *
 * @returns who leads when that is done, or the time is up; null if nobody does
 */
export async function letLead(
  settings: ClusterSettings,
  server: string,
  withinMs: number,
  terminal: Terminal,
): Promise<string | null> {
  const end = performance.now() + withinMs;
  for (;;) {
    const left = Math.max(1, end - performance.now());
    const { leader } = await untilServing(settings, left, terminal.interrupted);
    if (leader === server || left === 1) return leader;
    try {
      await operate(settings, { type: "transfer-leadership", to: server }, ONE_TRY_MS, terminal);
    } catch (error) {
      // A leader that is new, or was lost meanwhile, is asked again: it is no matter of life and death who leads.
      if (!(error instanceof CommandFailure)) throw error;
    }
    await delay(PAUSE_MS);
  }
}
