/** How long nothing else must be typed, in milliseconds, before what was typed is asked about. */
const PAUSE_MS = 250;

/** A moment after something was typed. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
