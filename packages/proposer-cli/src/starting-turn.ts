import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { JournalFile } from "@synod/storage";

/** How often a turn that is waited for is tried, in milliseconds. */
const TRY_EVERY_MS = 20;

/**
 * Starts of one server take turns, whichever commands and web pages ask for them: of two that started it at once, one
 * would find its folder or its ports taken, by a process that no pid file names yet. The turn is the system's lock on a
 * file, so that one who is killed meanwhile leaves nothing behind.
 *
 * @param file in the server's folder; made if absent
 * @param act what is done in the turn, in the time that is left
 * @returns null if the turn did not come in time
 */
export async function inStartingTurn<T>(
  file: string,
  withinMs: number,
  interrupted: AbortSignal,
  act: (leftMs: number) => Promise<T>,
): Promise<T | null> {
  const end = performance.now() + withinMs;
  const turn = await openedForLocking(file);
  try {
    while (!turn.tryLock()) {
      interrupted.throwIfAborted();
      if (performance.now() >= end) return null;
      await delay(TRY_EVERY_MS);
    }
    return await act(Math.max(1, end - performance.now()));
  } finally {
    turn.close();
  }
}

/**
 * Waits until nobody is about to start the server, so that who is to end it finds what there is to end.
 *
 * @returns false if somebody still is when the time is up
 */
export async function nobodyStarts(file: string, withinMs: number, interrupted: AbortSignal): Promise<boolean> {
  // Without its folder it was never started, and the question should not make one.
  if (!existsSync(dirname(file))) return true;
  return (await inStartingTurn(file, withinMs, interrupted, async () => true)) ?? false;
}

/** Loaded here, so that no other command pays for it. */
async function openedForLocking(file: string): Promise<JournalFile> {
  const { nodeJournalFiles } = await import("@synod/storage");
  return nodeJournalFiles.open(file, "ensured");
}
