/**
 * Tells a listener of the program that runs a member. What it throws is the program's fault, not one of the member, which goes
 * on; it surfaces as an uncaught exception, as from a listener of an `EventTarget`.
 */
export function tell<T>(listener: ((news: T) => void) | undefined, news: T): void {
  try {
    listener?.(news);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
