import { type Block, type ChainHead, EMPTY_CHAIN, hashOf, parseBlockRecord } from "./block.js";
import { canonicalText } from "./canonical.js";
import { isProof } from "./proof-of-work.js";

/** What is wrong with a block of a chain. */
export interface BlockProblem {
  /** The block, by the place of its record: 1 for the first, and one more than that of the record before. */
  readonly height: number;
  /** For people, such as "its hash is not the digest of the rest". */
  readonly what: string;
}

/** What a chain says of a key: its value as canonical text, and the block that put it there. */
export interface SpelledEntry {
  readonly valueText: string;
  readonly height: number;
}

/**
 * Checks a chain record by record: the form of each, its hash, its work, its height, its link to the one before, and that
 * no request has two blocks. What it cannot know is whether somebody rewrote a whole tail, with all hashes anew: for that
 * the chain of another server is compared.
 */
export class ChainCheck {
  readonly #difficulty: number;
  #height: number;
  /** What the next block must name; undefined where the record before says nothing. */
  #hash: string | null | undefined;
  /** The heights of requests seen. */
  readonly #requests = new Map<string, number>();
  readonly #map = new Map<string, SpelledEntry>();
  #isWhole = true;

  /** @param after the head of what was checked before, if the records do not begin with the first */
  constructor({ difficulty, after = EMPTY_CHAIN }: { readonly difficulty: number; readonly after?: ChainHead }) {
    this.#difficulty = difficulty;
    this.#height = after.height;
    this.#hash = after.hash;
  }

  /** Where the last record belongs, which in a whole chain is how many there are; and the hash that it says it has. */
  get head(): { readonly height: number; readonly hash: string | null } {
    return { height: this.#height, hash: this.#hash ?? null };
  }

  /** Whether nothing was wrong so far. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The map that these blocks spell, by the canonical text of keys. */
  get map(): ReadonlyMap<string, SpelledEntry> {
    return this.#map;
  }

  /** Takes the next record, without its line feed. @returns everything that is wrong with it; empty if nothing is */
  take(record: string): readonly BlockProblem[] {
    const height = ++this.#height;
    const block = parseBlockRecord(record);
    const wrong = block === null ? ["its record is not a block in canonical JSON"] : this.#wrongWith(block, height);
    this.#hash = block?.hash;
    if (block) this.#spell(block, height);
    // A whole block in the wrong place: those before it are lost or too many. What follows is judged from its own height on,
    // so that one lost record is not told of all behind it.
    if (block && block.height !== height && block.hash === hashOf(block)) this.#height = block.height;
    if (wrong.length > 0) this.#isWhole = false;
    return wrong.map((what) => ({ height, what }));
  }

  #wrongWith(block: Block, height: number): string[] {
    const wrong: string[] = [];
    if (block.height !== height) wrong.push(`it says that its height is ${block.height}`);
    if (this.#hash !== undefined && block.previousHash !== this.#hash) {
      wrong.push(
        height === 1 ? "the first block names one before it" : `it does not name the hash of block ${height - 1}`,
      );
    }
    if (block.hash !== hashOf(block)) wrong.push("its hash is not the digest of the rest of it");
    if (!isProof(block.operation, block.nonce, this.#difficulty)) {
      wrong.push(`its nonce ${block.nonce} proves no work of difficulty ${this.#difficulty}`);
    }
    const earlier = this.#requests.get(block.requestId);
    if (earlier !== undefined) wrong.push(`block ${earlier} was made of the same request, ${block.requestId}`);
    else this.#requests.set(block.requestId, height);
    return wrong;
  }

  #spell({ operation }: Block, height: number): void {
    if (operation.type !== "put") return;
    const keyText = canonicalText(operation.key) ?? "";
    this.#map.set(keyText, { valueText: canonicalText(operation.value) ?? "", height });
  }
}
