import type { Terminal } from "../terminal/terminal.js";

/** Set for a process that is to end with the one that started it. */
export const WITH_PARENT = "SYNOD_WITH_PARENT";

/**
 * Has this process end when the one that started it does, whatever became of that one: `ring run` leaves no member behind,
 * also when it is killed. A member that a shell started stays.
 */
export function endWithParent({ env }: Terminal, end: () => void): void {
  if (!env[WITH_PARENT]) return;
  // It was gone before this process had begun to look.
  if (!process.channel) end();
  process.once("disconnect", end);
  // The channel alone keeps no process alive.
  process.channel?.unref();
}
