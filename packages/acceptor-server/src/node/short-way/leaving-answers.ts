/** Answers that wait for each other at most: the senders of the first ones could be asking again. */
const MOST_TOGETHER = 32;

/**
 * Answers that are made in one moment leave right after each other. Where each leaves as soon as it is made, who gets many of
 * them is woken by each, and has gone to sleep again before the next one.
 */
export class LeavingAnswers {
  #leaving: (() => void)[] = [];

  /** @param leave sends an answer that is made; it is called before anything else is read */
  add(leave: () => void): void {
    // Ticks come when the promises that are settled now have had their turn, and before any socket has.
    if (this.#leaving.length === 0) process.nextTick(() => this.#letGo());
    this.#leaving.push(leave);
    if (this.#leaving.length >= MOST_TOGETHER) this.#letGo();
  }

  #letGo(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const leave of leaving) leave();
  }
}
