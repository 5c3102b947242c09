/** A sync of at most so many bytes is a small one: a record with a few values, not a checkpoint. */
export const SMALL_BYTES = 16 * 1024;
/** A sync that took longer than so many milliseconds was slow. */
const SLOW_MS = 1;
/** After a slow one, small syncs leave the thread alone for so many times as long. */
const REST = 20;

/**
 * Says whether a sync may be done on the thread that asks for it, in place of one from Node's pool: to hand it over, and to
 * be woken when it is done, is not free (docs/performance.md). Meanwhile the thread does nothing else. So only small ones
 * are, and a disk that is slow may take up no more than a twentieth of its time: once it was, it is left to the pool for
 * twenty times as long.
 */
export class SyncPace {
  #notBefore = Number.NEGATIVE_INFINITY;

  /**
   * @param bytes what was written since the last sync
   * @param now in milliseconds, by a clock that never goes back
   */
  isAtOnce(bytes: number, now: number): boolean {
    return bytes <= SMALL_BYTES && now >= this.#notBefore;
  }

  /** A sync on this thread took from `begin` to `end`, in milliseconds. */
  took(begin: number, end: number): void {
    if (end - begin > SLOW_MS) this.#notBefore = end + REST * (end - begin);
  }
}
