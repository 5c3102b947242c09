/** Of the first table, in configurations; it doubles. */
const FIRST_CAPACITY = 1024;

/**
 * The configurations that a search has been in: a hash table with open addressing, in flat arrays, since there may be
 * tens of millions. A configuration is a fixed number of 32-bit words.
 */
export class ConfigurationTable {
  readonly #words: number;
  readonly #mostBytes: number;
  #capacity = FIRST_CAPACITY;
  #entries: Int32Array;
  /** Positions in the entries, plus 1; 0 is an empty place. Twice as many places as entries at most. */
  #places: Int32Array;
  #size = 0;

  /** @param mostBytes what the table may take, without the moment in which it doubles */
  constructor(words: number, mostBytes: number) {
    this.#words = words;
    this.#mostBytes = mostBytes;
    this.#entries = new Int32Array(this.#capacity * words);
    this.#places = new Int32Array(this.#capacity * 2);
  }

  /** Remembers a configuration: whether it is new, or `full` if there is no room for a new one. */
  add(configuration: Int32Array): "new" | "known" | "full" {
    let place = this.#find(configuration);
    if (this.#places[place] !== 0) return "known";
    if (this.#size === this.#capacity) {
      if (!this.#grow()) return "full";
      place = this.#find(configuration);
    }
    this.#entries.set(configuration, this.#size * this.#words);
    this.#places[place] = ++this.#size;
    return "new";
  }

  /** The place where this configuration is, or the empty one where it would be. */
  #find(configuration: Int32Array): number {
    const last = this.#places.length - 1;
    let place = hash(configuration, 0, this.#words) & last;
    for (;;) {
      const entry = this.#places[place] ?? 0;
      if (entry === 0 || this.#isAt(entry - 1, configuration)) return place;
      place = (place + 1) & last;
    }
  }

  #isAt(entry: number, configuration: Int32Array): boolean {
    const from = entry * this.#words;
    for (let word = 0; word < this.#words; word++) {
      if (this.#entries[from + word] !== configuration[word]) return false;
    }
    return true;
  }

  #grow(): boolean {
    const capacity = this.#capacity * 2;
    if (capacity * (this.#words + 2) * 4 > this.#mostBytes) return false;
    const arrays = allocated(capacity * this.#words, capacity * 2);
    if (arrays === null) return false;
    const [entries, places] = arrays;
    entries.set(this.#entries);
    const last = places.length - 1;
    for (let entry = 0; entry < this.#size; entry++) {
      let place = hash(entries, entry * this.#words, this.#words) & last;
      while (places[place] !== 0) place = (place + 1) & last;
      places[place] = entry + 1;
    }
    this.#capacity = capacity;
    this.#entries = entries;
    this.#places = places;
    return true;
  }
}

/** Arrays of these lengths; null if the machine has less memory than it was said to give. */
function allocated(entries: number, places: number): [Int32Array, Int32Array] | null {
  try {
    return [new Int32Array(entries), new Int32Array(places)];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A mixture of all words (the finalizer of MurmurHash3, after each), so that neighbours do not crowd together. */
function hash(words: Int32Array, from: number, count: number): number {
  let mixed = count;
  for (let word = from; word < from + count; word++) {
    mixed = Math.imul(mixed ^ (words[word] ?? 0), 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
}
