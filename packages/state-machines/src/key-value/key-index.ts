/** Keys in a block at most; then it is split. Short enough to shift, long enough that there are few blocks. */
const MOST_IN_BLOCK = 512;

/** Neighbours that hold no more than this together become one block: blocks stay few when keys go. */
const MERGED_AT_MOST = MOST_IN_BLOCK / 2;

/**
 * Keys in code-unit order: sorted blocks, one after the other, none of them empty. To put a key in or to take one out
 * is two binary searches and a shift within a block; a B+ tree of two levels.
 */
export class KeyIndex {
  #blocks: string[][] = [];

  /** @param keys ascending, each once */
  static fromAscending(keys: readonly string[]): KeyIndex {
    const index = new KeyIndex();
    for (let from = 0; from < keys.length; from += MERGED_AT_MOST) {
      index.#blocks.push(keys.slice(from, from + MERGED_AT_MOST));
    }
    return index;
  }

  /** Puts a key in that is not there. */
  insert(key: string): void {
    const place = this.#blockOf(key);
    const block = this.#blocks[place];
    if (!block) {
      this.#blocks.push([key]);
      return;
    }
    block.splice(firstAtOrAbove(block, key), 0, key);
    if (block.length > MOST_IN_BLOCK) this.#blocks.splice(place + 1, 0, block.splice(MOST_IN_BLOCK / 2));
  }

  /** Takes a key out, if it is there. */
  remove(key: string): void {
    const place = this.#blockOf(key);
    const block = this.#blocks[place];
    if (!block) return;
    const position = firstAtOrAbove(block, key);
    if (block[position] !== key) return;
    block.splice(position, 1);
    if (block.length === 0) this.#blocks.splice(place, 1);
    else if (!this.#merge(place)) this.#merge(place - 1);
  }

  /** The keys from this one on, in order. The index must not change while they are read. */
  *from(key: string): Generator<string> {
    let place = this.#blockOf(key);
    let block = this.#blocks[place];
    let position = block ? firstAtOrAbove(block, key) : 0;
    while (block) {
      for (const found of position === 0 ? block : block.slice(position)) yield found;
      block = this.#blocks[++place];
      position = 0;
    }
  }

  /** The place of the block that holds this key or would: the last that does not begin above it, or the first. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.[0] ?? "") <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Makes a block and the next one into one, if they are there and short. @returns whether it did */
  #merge(place: number): boolean {
    const block = this.#blocks[place];
    const next = this.#blocks[place + 1];
    if (!block || !next || block.length + next.length > MERGED_AT_MOST) return false;
    block.push(...next);
    this.#blocks.splice(place + 1, 1);
    return true;
  }
}

/** The position of the first key of a block that is not below this one. */
function firstAtOrAbove(block: readonly string[], key: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
