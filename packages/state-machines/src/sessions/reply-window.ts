/** Places at first; they double as the window grows. */
const FEWEST_PLACES = 8;

/**
 * Replies by sequence, none below a first one that only rises, and all near it. A ring rather than a map: where sequences come
 * and go by the ten thousand a second, a map makes its table anew again and again.
 */
export class ReplyWindow {
  /** Each reply at the remainder of its sequence; their number is a power of two. */
  #places: (string | undefined)[] = [];
  #first: number;
  #size = 0;
  #characters = 0;

  constructor(first: number) {
    this.#first = first;
  }

  /** Nothing is kept below it. */
  get first(): number {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** The length of all replies. */
  get characters(): number {
    return this.#characters;
  }

  get(sequence: number): string | undefined {
    const isWithin = sequence >= this.#first && sequence - this.#first < this.#places.length;
    return isWithin ? this.#places[sequence % this.#places.length] : undefined;
  }

  /** @param sequence not below the first, and as near as whoever calls bounds it: there is a place for all between them */
  set(sequence: number, reply: string): void {
    if (sequence - this.#first >= this.#places.length) this.#growFor(sequence);
    const place = sequence % this.#places.length;
    const before = this.#places[place];
    if (before === undefined) this.#size++;
    this.#characters += reply.length - (before?.length ?? 0);
    this.#places[place] = reply;
  }

  /** Forgets what is below, which from now on has no place. */
  forgetBelow(sequence: number): void {
    const most = Math.min(sequence, this.#first + this.#places.length);
    for (let below = this.#first; below < most && this.#size > 0; below++) this.#forget(below);
    this.#first = Math.max(this.#first, sequence);
  }

  /** In the order of their sequences. */
  *[Symbol.iterator](): Generator<readonly [sequence: number, reply: string]> {
    // No sequence is above that; and from there on adding one changes nothing, so that this would not end.
    const last = Math.min(this.#first + (this.#places.length - 1), Number.MAX_SAFE_INTEGER);
    for (let sequence = this.#first; sequence <= last; sequence++) {
      const reply = this.get(sequence);
      if (reply !== undefined) yield [sequence, reply];
    }
  }

  #forget(sequence: number): void {
    const place = sequence % this.#places.length;
    const reply = this.#places[place];
    if (reply === undefined) return;
    this.#places[place] = undefined;
    this.#size--;
    this.#characters -= reply.length;
  }

  #growFor(sequence: number): void {
    const kept = [...this];
    let count = Math.max(FEWEST_PLACES, this.#places.length);
    while (sequence - this.#first >= count) count *= 2;
    this.#places = new Array(count).fill(undefined);
    for (const [one, reply] of kept) this.#places[one % count] = reply;
  }
}
