export interface SnapshotLimits {
  /** A snapshot is taken after so many characters of values, ... */
  readonly snapshotCharacters: number;
  /** ... and not before the values are as long as so many of the last snapshot: snapshots must not outweigh the work. */
  readonly snapshotGrowth: number;
}

/** How much was applied since the last snapshot, and whether that makes the next one due. */
export class SnapshotPace {
  readonly #limits: SnapshotLimits;
  /** Of values. */
  #charactersSince = 0;
  #charactersNeeded: number;

  /** @param last the pieces of the last snapshot; none if there is no snapshot yet */
  constructor(limits: SnapshotLimits, last: readonly string[]) {
    this.#limits = limits;
    this.#charactersNeeded = this.#neededAfter(last);
  }

  get isDue(): boolean {
    return this.#charactersSince >= this.#charactersNeeded;
  }

  applied(value: string): void {
    this.#charactersSince += value.length;
  }

  /** A snapshot takes the place of all that was applied, or of a state that was older. */
  begins(pieces: readonly string[]): void {
    this.#charactersSince = 0;
    this.#charactersNeeded = this.#neededAfter(pieces);
  }

  #neededAfter(pieces: readonly string[]): number {
    const { snapshotCharacters, snapshotGrowth } = this.#limits;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return Math.max(snapshotCharacters, length * snapshotGrowth);
  }
}
