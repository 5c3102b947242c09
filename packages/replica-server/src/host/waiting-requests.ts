/** Requests of one page: as long as one of them waits, the page is kept. */
const PAGE = 256;

interface Page<T> {
  readonly entries: (T | undefined)[];
  open: number;
}

/**
 * Those who wait for an answer, by a number that nobody else ever gets. In pages rather than in a map by number: where
 * thousands come and go in a second, a map makes its table anew again and again, in the memory that is collected last.
 */
export class WaitingRequests<T> {
  #current: Page<T> = emptyPage();
  readonly #pages = new Map([[0, this.#current]]);
  #next = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns its number */
  add(one: T): number {
    const number = this.#next++;
    if (number % PAGE === 0) {
      this.#current = emptyPage();
      this.#pages.set(number / PAGE, this.#current);
    }
    this.#current.entries[number % PAGE] = one;
    this.#current.open++;
    this.#size++;
    return number;
  }

  /** Takes the one with this number out; undefined if it waits no more. */
  take(number: number): T | undefined {
    const page = this.#pages.get(Math.floor(number / PAGE));
    const one = page?.entries[number % PAGE];
    if (page === undefined || one === undefined) return undefined;
    page.entries[number % PAGE] = undefined;
    page.open--;
    this.#size--;
    if (page.open === 0 && page !== this.#current) this.#pages.delete(Math.floor(number / PAGE));
    return one;
  }

  /** Takes all of them out, in the order in which they came. */
  takeAll(): T[] {
    const all = [...this.#pages.values()].flatMap(({ entries }) => entries.filter((one) => one !== undefined));
    this.#pages.clear();
    this.#current = emptyPage();
    this.#pages.set(Math.floor(this.#next / PAGE), this.#current);
    this.#size = 0;
    return all;
  }
}

function emptyPage<T>(): Page<T> {
  return { entries: new Array(PAGE).fill(undefined), open: 0 };
}
