/** One token of a pattern: a character (UTF-16 code unit), or a run of one or more characters other than `/`. */
export type PatternToken = { readonly code: number } | "segment";

const SLASH = "/".charCodeAt(0);

/**
 * Matches a key against a pattern without ever going back, in time proportional to the length of the key, 32 places of
 * the pattern at a time (Baeza-Yates and Gonnet, "A New Approach to Text Searching", 1992, with places that a run may
 * stay at). No key makes a pattern slow.
 *
 * Bit i is set while the first i tokens match what was read of the key.
 */
export class PatternAutomaton {
  readonly #last: number;
  /** Places that any character may stay at: after them stands a `*`. */
  readonly #anyRuns: Int32Array;
  /** Places that any character but `/` may reach, and stay at: before them stands a segment. */
  readonly #segments: Int32Array;
  readonly #literals: LiteralMoves;
  /** The places that are active, and those after the next character. */
  #active: Int32Array;
  #next: Int32Array;

  /** @param anyRuns the counts of tokens after which any run of characters may stand */
  constructor(tokens: readonly PatternToken[], anyRuns: Iterable<number>) {
    const words = (tokens.length >>> 5) + 1;
    this.#last = tokens.length;
    this.#anyRuns = new Int32Array(words);
    this.#segments = new Int32Array(words);
    this.#active = new Int32Array(words);
    this.#next = new Int32Array(words);
    for (const place of anyRuns) set(this.#anyRuns, place);
    for (const [position, token] of tokens.entries()) if (token === "segment") set(this.#segments, position + 1);
    this.#literals = new LiteralMoves(tokens);
  }

  matches(key: string): boolean {
    this.#active.fill(0);
    set(this.#active, 0);
    for (let at = 0; at < key.length; at++) if (!this.#read(key.charCodeAt(at))) return false;
    return ((this.#active[this.#last >>> 5] ?? 0) & bitOf(this.#last)) !== 0;
  }

  /** Reads one character. @returns whether any place is still active */
  #read(code: number): boolean {
    const active = this.#active;
    const next = this.#next;
    for (let word = 0; word < next.length; word++) {
      const here = active[word] ?? 0;
      let reached = here & (this.#anyRuns[word] ?? 0);
      if (code !== SLASH) reached |= (here | movedOn(active, word)) & (this.#segments[word] ?? 0);
      next[word] = reached;
    }
    this.#literals.move(code, active, next);
    this.#active = next;
    this.#next = active;
    return next.some((word) => word !== 0);
  }
}

/** For each character of a pattern, the places it leads to; packed, since patterns come from outside and are kept. */
class LiteralMoves {
  /** The characters, ascending; those of one character at `#from[i]` up to `#from[i + 1]`. */
  readonly #codes: Uint16Array;
  readonly #from: Uint16Array;
  readonly #words: Uint16Array;
  readonly #bits: Int32Array;

  constructor(tokens: readonly PatternToken[]) {
    const byCode = new Map<number, Map<number, number>>();
    for (const [position, token] of tokens.entries()) {
      if (token === "segment") continue;
      const moves = byCode.get(token.code) ?? new Map<number, number>();
      const place = position + 1;
      byCode.set(token.code, moves.set(place >>> 5, (moves.get(place >>> 5) ?? 0) | bitOf(place)));
    }
    const sorted = [...byCode].sort(([one], [other]) => one - other);
    const moves = sorted.flatMap(([, ofOne]) => [...ofOne]);
    this.#codes = Uint16Array.from(sorted, ([code]) => code);
    this.#from = new Uint16Array(sorted.length + 1);
    for (const [index, [, ofOne]] of sorted.entries()) this.#from[index + 1] = (this.#from[index] ?? 0) + ofOne.size;
    this.#words = Uint16Array.from(moves, ([word]) => word);
    this.#bits = Int32Array.from(moves, ([, bits]) => bits);
  }

  /** Adds to `next` the places that this character leads to from the active ones. */
  move(code: number, active: Int32Array, next: Int32Array): void {
    const index = this.#indexOf(code);
    if (index === null) return;
    for (let move = this.#from[index] ?? 0; move < (this.#from[index + 1] ?? 0); move++) {
      const word = this.#words[move] ?? 0;
      next[word] = (next[word] ?? 0) | (movedOn(active, word) & (this.#bits[move] ?? 0));
    }
  }

  #indexOf(code: number): number | null {
    let low = 0;
    let high = this.#codes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#codes[middle] ?? 0) < code) low = middle + 1;
      else high = middle;
    }
    return this.#codes[low] === code ? low : null;
  }
}

/** One word of the active places, each moved on by one. */
function movedOn(active: Int32Array, word: number): number {
  return ((active[word] ?? 0) << 1) | ((active[word - 1] ?? 0) >>> 31);
}

function bitOf(place: number): number {
  return 1 << (place & 31);
}

function set(places: Int32Array, place: number): void {
  places[place >>> 5] = (places[place >>> 5] ?? 0) | bitOf(place);
}
