/** All states that no operation can tell from each other, now or ever, whatever happens to them but being overwritten. */
export const UNSEEN = 0;

/** States as small numbers, equal numbers for equal states, so that the search need not compare texts. */
export interface States {
  /** How many there are so far, UNSEEN among them. */
  readonly size: number;
  idOf(text: string): number;
  /** The state that appending a text leads to. */
  append(state: number, text: string): number;
}

/** The states of an object to which nothing is ever appended. */
export class ValueStates implements States {
  readonly #ids = new Map<string, number>();

  get size(): number {
    return this.#ids.size + 1;
  }

  idOf(text: string): number {
    const id = this.#ids.get(text) ?? this.size;
    this.#ids.set(text, id);
    return id;
  }

  append(): never {
    throw new Error("invariant violated: nothing is appended to a value");
  }
}

/** More texts than any history has that fits into memory. */
const MOST_TEXTS = 2 ** 24;

/**
 * The states of a text that grows. Only beginnings of texts that somebody saw need to be told apart: whatever is appended
 * to another text, it will not be seen before it is overwritten (so it is UNSEEN). So a state is a range of the texts seen, in their
 * order, and a length; no text is ever put together.
 */
export class PrefixStates implements States {
  /** In the order of their code units, each once. */
  readonly #seen: readonly string[];
  /** By state: the first text that begins so, the one after the last, and how long the beginning is. */
  readonly #first: number[] = [-1];
  readonly #end: number[] = [-1];
  readonly #length: number[] = [0];
  readonly #ids = new Map<string, number>();
  /** The texts that are appended, numbered: a name of a state and a text must not grow with the text. */
  readonly #numbers = new Map<string, number>();
  readonly #appended = new Map<number, number>();

  constructor(seen: Iterable<string>) {
    this.#seen = [...new Set(seen)].sort();
  }

  get size(): number {
    return this.#first.length;
  }

  /** How many texts were seen. */
  get textCount(): number {
    return this.#seen.length;
  }

  idOf(text: string): number {
    return this.#within(0, this.#seen.length, 0, text);
  }

  append(state: number, text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    const name = state * MOST_TEXTS + number;
    const known = this.#appended.get(name);
    if (known !== undefined) return known;
    const id = this.#within(this.#first[state] ?? 0, this.#end[state] ?? 0, this.#length[state] ?? 0, text);
    this.#appended.set(name, id);
    return id;
  }

  /** Whether appending may lead from this state to that one, which is a text seen or a beginning of one. */
  isBeginningOf(state: number, later: number): boolean {
    if (state === UNSEEN || later === UNSEEN) return false;
    const first = this.#first[later] ?? 0;
    return (
      (this.#first[state] ?? 0) <= first &&
      first < (this.#end[state] ?? 0) &&
      (this.#length[state] ?? 0) <= (this.#length[later] ?? 0)
    );
  }

  /** The texts seen that begin with this state: numbers of the first, and of the one after the last. */
  textsFrom(state: number): { readonly first: number; readonly end: number } {
    return { first: this.#first[state] ?? 0, end: this.#end[state] ?? 0 };
  }

  /** The state of those among these texts that go on like this after so many characters. */
  #within(from: number, to: number, skipped: number, text: string): number {
    const restOf = (index: number) => (this.#seen[index] ?? "").slice(skipped, skipped + text.length);
    const first = boundary(from, to, (index) => restOf(index) >= text);
    if (first === to || restOf(first) !== text) return UNSEEN;
    const length = skipped + text.length;
    const name = `${first} ${length}`;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.#first.length);
    this.#end.push(boundary(first, to, (index) => restOf(index) > text));
    this.#length.push(length);
    return this.#first.push(first) - 1;
  }
}

/** The first number of the range that passes, where all after it do too; the end of the range if none does. */
export function boundary(from: number, to: number, passes: (index: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
