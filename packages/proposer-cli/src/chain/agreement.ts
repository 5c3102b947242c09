const HASH_BYTES = 32;
const NONE = "0".repeat(2 * HASH_BYTES);

/** Blocks that may be missing in one place: whoever lacks more is not compared any further. */
const MOST_MISSING = 1024;

/** The first block in which two servers differ. */
export interface Difference {
  readonly height: number;
  readonly hash: string;
  /** Another server, and the hash that its block of this height has. */
  readonly other: string;
  readonly otherHash: string;
}

/**
 * Compares the chains of several servers, one server after the other, and keeps 32 bytes a block: the longest chain that
 * nobody who was asked before contradicts.
 */
export class CommonChain {
  #hashes = Buffer.alloc(1024 * HASH_BYTES);
  #length = 0;
  /** Who said the hashes from this height on. */
  readonly #owners: { readonly from: number; readonly name: string }[] = [];

  /** Begins with the next server, whose blocks are to be told in their order. */
  compare(name: string): Comparison {
    let difference: Difference | null = null;
    return {
      take: (height, hash) => {
        if (difference !== null || hash === null) return;
        const known = this.#at(height);
        if (known === null) this.#put(height, hash, name);
        else if (hash !== known) difference = { height, hash, other: this.#ownerOf(height), otherHash: known };
      },
      get difference() {
        return difference;
      },
    };
  }

  /** Null if nobody said it yet. */
  #at(height: number): string | null {
    if (height > this.#length) return null;
    const hash = this.#hashes.toString("hex", (height - 1) * HASH_BYTES, height * HASH_BYTES);
    return hash === NONE ? null : hash;
  }

  #put(height: number, hash: string, name: string): void {
    if (height <= this.#length || height > this.#length + MOST_MISSING) return;
    while (height * HASH_BYTES > this.#hashes.length) {
      this.#hashes = Buffer.concat([this.#hashes, Buffer.alloc(this.#hashes.length)]);
    }
    this.#hashes.write(hash, (height - 1) * HASH_BYTES, "hex");
    this.#length = height;
    if (this.#owners.at(-1)?.name !== name) this.#owners.push({ from: height, name });
  }

  #ownerOf(height: number): string {
    return this.#owners.filter(({ from }) => from <= height).at(-1)?.name ?? "";
  }
}

/** One server's chain beside those before it. */
export interface Comparison {
  /** The hash that the block of this height says it has; null if its record is no block. */
  take(height: number, hash: string | null): void;
  /** The first block that is another one; null as long as there is none. */
  readonly difference: Difference | null;
}
