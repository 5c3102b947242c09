import { invariant } from "@synod/consensus";
import { isInteger, parseJson } from "../json-shape.js";
import { KeyIndex } from "../key-value/key-index.js";
import { NotASnapshot, packRows, unpackRows } from "../pieces.js";
import type { SessionPosition } from "../sessions/envelope.js";
import type { Json, StateMachine } from "../state-machine.js";
import { type Block, blockAfter, type ChainHead, EMPTY_CHAIN } from "./block.js";
import { canonicalText } from "./canonical.js";
import { isHexDigest } from "./digest.js";
import { operationComplaint, parseLedgerCommand, type UnderstoodCommand } from "./operations.js";
import { type LedgerEntry, type LedgerMapPage, parseLedgerQuery, USUAL_MAP_LIMIT } from "./queries.js";
import { requestIdOf } from "./request-id.js";

/** Characters of keys and values in a page of the map, unless its first entry alone is longer. */
const MAP_PAGE_CHARACTERS = 1024 * 1024;

/** What an operation came to, beside its block. */
export type LedgerResult = {
  readonly height: number;
  readonly hash: string;
  readonly requestId: string;
  readonly nonce: number;
} & (
  | { readonly answer: "success" }
  | { readonly answer: "value"; readonly value: Json }
  | { readonly answer: "KEY_DOES_NOT_EXIST" }
);

/** A key's value, as canonical texts, and the block that put it there. */
interface Entry {
  readonly valueText: string;
  readonly height: number;
}

/**
 * A chain of blocks, one an operation, each of which names the hash of the one before; and the map that it spells. It
 * holds the map and the last block's hash: the blocks are told as changes, and kept by whoever wants them.
 *
 * What no block is made of: repeated requests (the session table answers them) and what leaders fill slots with.
 */
export class Ledger implements StateMachine<UnderstoodCommand, Block> {
  /** Equal at all replicas, always: it decides what is a command. */
  readonly difficulty: number;
  #head: ChainHead = EMPTY_CHAIN;
  #entries = new Map<string, Entry>();
  #index = new KeyIndex();

  /** @param options.difficulty as `isProof` takes it; default 0 */
  constructor({ difficulty = 0 }: { readonly difficulty?: number } = {}) {
    invariant(Number.isSafeInteger(difficulty) && difficulty >= 0, "a difficulty is a number of bits, 0 or more");
    this.difficulty = difficulty;
  }

  get head(): ChainHead {
    return this.#head;
  }

  /** How many keys were ever put. */
  get size(): number {
    return this.#entries.size;
  }

  parseOperation(value: Json): UnderstoodCommand | null {
    return parseLedgerCommand(value, this.difficulty);
  }

  apply(
    _slot: number,
    command: UnderstoodCommand,
    position: SessionPosition,
  ): { readonly result: LedgerResult; readonly changes: readonly Block[] } {
    const block = blockAfter(this.#head, command, requestIdOf(position));
    this.#head = { height: block.height, hash: block.hash };
    const { height, hash, requestId, nonce } = block;
    const result = { height, hash, requestId, nonce, ...this.#carryOut(command, height) };
    return { result, changes: [block] };
  }

  read(query: Json): Json {
    const parsed = parseLedgerQuery(query);
    if ("error" in parsed) return parsed;
    const { height, hash } = this.#head;
    if (parsed.type === "head") return { height, hash, keys: this.size, difficulty: this.difficulty };
    return this.#page(parsed.after, parsed.limit ?? USUAL_MAP_LIMIT);
  }

  /** A row [difficulty, height, hash], then a row [key, value, height] an entry, in the order of keys' texts. */
  snapshot(): readonly string[] {
    return packRows(this.#rows());
  }

  restore(pieces: readonly string[]): void {
    const rows = unpackRows(pieces);
    const head = this.#headIn(rows.next().value);
    const entries = new Map<string, Entry>();
    const keys: string[] = [];
    const heights = new Set<number>();
    for (const row of rows) {
      const { keyText, valueText, height } = entryIn(row, head.height);
      if (keyText <= (keys.at(-1) ?? "")) throw new NotASnapshot("the snapshot's keys are not in order, each once");
      if (heights.has(height)) throw new NotASnapshot("two keys of the snapshot were put by one block");
      heights.add(height);
      keys.push(keyText);
      entries.set(keyText, { valueText, height });
    }
    this.#head = head;
    this.#entries = entries;
    this.#index = KeyIndex.fromAscending(keys);
  }

  #carryOut({ operation, keyText, valueText }: UnderstoodCommand, height: number) {
    if (operation.type === "put") {
      if (!this.#entries.has(keyText)) this.#index.insert(keyText);
      this.#entries.set(keyText, { valueText: valueText ?? "null", height });
      return { answer: "success" } as const;
    }
    const found = this.#entries.get(keyText);
    if (found === undefined) return { answer: "KEY_DOES_NOT_EXIST" } as const;
    return { answer: "value", value: JSON.parse(found.valueText) as Json } as const;
  }

  #page(after: string | undefined, limit: number): LedgerMapPage {
    const entries: LedgerEntry[] = [];
    const { height, hash } = this.#head;
    let characters = 0;
    let last: string | null = null;
    for (const keyText of this.#index.from(after ?? "")) {
      const found = this.#entries.get(keyText);
      if (keyText === after || !found) continue;
      characters += keyText.length + found.valueText.length;
      const isFull = entries.length >= limit || characters > MAP_PAGE_CHARACTERS;
      if (isFull && entries.length > 0) return { entries, next: last, height, hash };
      entries.push({ key: JSON.parse(keyText), value: JSON.parse(found.valueText), height: found.height });
      last = keyText;
    }
    return { entries, next: null, height, hash };
  }

  *#rows(): Generator<Json> {
    yield [this.difficulty, this.#head.height, this.#head.hash];
    for (const keyText of this.#index.from("")) {
      const entry = this.#entries.get(keyText);
      if (entry) yield [keyText, entry.valueText, entry.height];
    }
  }

  #headIn(row: readonly Json[] | undefined): ChainHead {
    const [difficulty, height, hash, ...more] = row ?? [];
    if (difficulty !== this.difficulty) {
      throw new NotASnapshot(
        `the snapshot's difficulty is ${JSON.stringify(difficulty)}, here it is ${this.difficulty}`,
      );
    }
    const isHead = more.length === 0 && isInteger(height, 0) && (height === 0 ? hash === null : isHexDigest(hash));
    if (!isHead) throw new NotASnapshot("the first row of the snapshot is not the head of a ledger");
    return { height, hash: hash as string | null };
  }
}

/** The entry that a row of a snapshot is: an operation of a block could have put it there, and no later one than the last. */
function entryIn(row: readonly Json[], lastHeight: number): Entry & { readonly keyText: string } {
  const [keyText, valueText, height, ...more] = row;
  const key = canonicalValueOf(keyText);
  const value = canonicalValueOf(valueText);
  const isEntry =
    key !== undefined &&
    value !== undefined &&
    operationComplaint({ type: "put", key, value }) === null &&
    isInteger(height, 1) &&
    height <= lastHeight &&
    more.length === 0;
  if (!isEntry) throw new NotASnapshot("a row of the snapshot is no entry of a ledger's map");
  return { keyText: keyText as string, valueText: valueText as string, height };
}

/** The value of which this is the canonical text; undefined if it is none. */
function canonicalValueOf(text: Json | undefined): Json | undefined {
  const value = typeof text === "string" ? parseJson(text) : undefined;
  return value !== undefined && canonicalText(value) === text ? value : undefined;
}

/**
 * The head and the keys that a ledger's snapshot tells of, without a ledger. @param pieces those of the machine
 * @throws {NotASnapshot} if they are not a ledger's of this difficulty
 */
export function ledgerOf(pieces: readonly string[], difficulty: number): Ledger {
  const ledger = new Ledger({ difficulty });
  ledger.restore(pieces);
  return ledger;
}
