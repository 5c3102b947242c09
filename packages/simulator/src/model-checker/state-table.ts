/**
 * Rows of whole numbers, each kept once, in the order in which they came: the states of a model. Only the first numbers of
 * a row, its key, say whether it is there already; the others go along with the row that came first.
 */
export class StateTable {
  readonly #width: number;
  readonly #keyWidth: number;
  #rows: Int32Array;
  /** Row number + 1 by hash; 0 where nothing is. */
  #places: Int32Array;
  #count = 0;

  /** @param width numbers in a row, those of the key first */
  constructor(keyWidth: number, width: number) {
    this.#keyWidth = keyWidth;
    this.#width = width;
    this.#rows = new Int32Array(width * 1024);
    this.#places = new Int32Array(4096);
  }

  get count(): number {
    return this.#count;
  }

  /** The number of the row with this key; -1 if there is none. */
  find(row: Int32Array): number {
    const mask = this.#places.length - 1;
    for (let place = hashOf(row, 0, this.#keyWidth) & mask; ; place = (place + 1) & mask) {
      const found = (this.#places[place] ?? 0) - 1;
      if (found < 0 || this.#equals(row, found)) return found;
    }
  }

  /** One number of a row. */
  at(number: number, column: number): number {
    return this.#rows[number * this.#width + column] ?? 0;
  }

  /** Puts the row in. @returns its number if it is new; -1 if it is there already */
  add(row: Int32Array): number {
    if (this.#count * 2 >= this.#places.length) this.#grow();
    const mask = this.#places.length - 1;
    for (let place = hashOf(row, 0, this.#keyWidth) & mask; ; place = (place + 1) & mask) {
      const found = (this.#places[place] ?? 0) - 1;
      if (found < 0) {
        this.#places[place] = ++this.#count;
        this.#store(row, this.#count - 1);
        return this.#count - 1;
      }
      if (this.#equals(row, found)) return -1;
    }
  }

  /** Copies the row with this number. */
  read(number: number, into: Int32Array): void {
    const start = number * this.#width;
    for (let i = 0; i < this.#width; i++) into[i] = this.#rows[start + i] ?? 0;
  }

  #equals(row: Int32Array, number: number): boolean {
    const start = number * this.#width;
    for (let i = 0; i < this.#keyWidth; i++) if (row[i] !== this.#rows[start + i]) return false;
    return true;
  }

  #store(row: Int32Array, number: number): void {
    const start = number * this.#width;
    if (start + this.#width > this.#rows.length) {
      const larger = new Int32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows.set(row, start);
  }

  #grow(): void {
    const places = new Int32Array(this.#places.length * 2);
    const mask = places.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let place = hashOf(this.#rows, number * this.#width, this.#keyWidth) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
    this.#places = places;
  }
}

function hashOf(numbers: Int32Array, start: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ (numbers[start + i] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
