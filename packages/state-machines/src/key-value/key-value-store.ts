import { isInteger } from "../json-shape.js";
import { NotASnapshot, packRows, unpackRows } from "../pieces.js";
import type { Json, StateMachine } from "../state-machine.js";
import { KeyIndex } from "./key-index.js";
import {
  type CompareOperation,
  type CompareResult,
  type DeleteResult,
  isKey,
  isStorableValue,
  type KeyValueChange,
  type KeyValueOperation,
  type PutResult,
  parseKeyValueOperation,
  type Replaced,
  type VersionedValue,
} from "./operations.js";
import {
  type CountAnswer,
  type GetAnswer,
  type KeyValueEntry,
  parseKeyValueQuery,
  type RangeAnswer,
  type RangeQuery,
  USUAL_RANGE_LIMIT,
} from "./queries.js";

/** Characters of keys and values in a page of a range, unless its first entry alone is longer. */
export const RANGE_PAGE_CHARACTERS = 1024 * 1024;

/** What an operation came to. */
export interface AppliedOperation<Result extends Json> {
  readonly result: Result;
  readonly changes: readonly KeyValueChange[];
}

const NO_CHANGES: readonly KeyValueChange[] = [];

/**
 * Strings by key, each with the slot that it was written at. Two stores that hold the same, however they came to it,
 * have the same snapshot.
 */
export class KeyValueStore implements StateMachine<KeyValueOperation, KeyValueChange> {
  #entries = new Map<string, VersionedValue>();
  /** The keys of the entries, in order, for ranges. */
  #index = new KeyIndex();

  /** How many keys are there. */
  get size(): number {
    return this.#entries.size;
  }

  parseOperation(value: Json): KeyValueOperation | null {
    return parseKeyValueOperation(value);
  }

  /** Its key: a revision is the slot of a write, and no two writes of one key may share one. */
  touches({ key }: KeyValueOperation): string {
    return key;
  }

  apply(slot: number, operation: KeyValueOperation): AppliedOperation<PutResult | DeleteResult | CompareResult> {
    switch (operation.type) {
      case "put": {
        const { previous, changes } = this.#write(slot, operation.key, operation.value);
        return { result: { revision: slot, ...replaced(operation, previous) }, changes };
      }
      case "delete": {
        const { previous, changes } = this.#write(slot, operation.key, null);
        return { result: { deleted: previous !== null, ...replaced(operation, previous) }, changes };
      }
      case "cas": {
        const current = this.#entries.get(operation.key) ?? null;
        if (!isAsExpected(current, operation)) return { result: { succeeded: false, current }, changes: NO_CHANGES };
        const { previous, changes } = this.#write(slot, operation.key, operation.value);
        return { result: { succeeded: true, revision: slot, ...replaced(operation, previous) }, changes };
      }
    }
  }

  read(query: Json): Json {
    const parsed = parseKeyValueQuery(query);
    if ("error" in parsed) return parsed;
    switch (parsed.type) {
      case "get": {
        const found = this.#entries.get(parsed.key);
        return { entry: found ? entryOf(parsed.key, found) : null } satisfies GetAnswer;
      }
      case "range":
        return this.#range(parsed);
      case "count":
        return { keys: this.#entries.size } satisfies CountAnswer;
    }
  }

  /** A row [key, value, revision] an entry, in the order of keys. */
  snapshot(): readonly string[] {
    return packRows(this.#rows());
  }

  restore(pieces: readonly string[]): void {
    const entries = new Map<string, VersionedValue>();
    const keys: string[] = [];
    for (const [key, value, revision, ...more] of unpackRows(pieces)) {
      if (!isKey(key) || !isStorableValue(value) || !isInteger(revision, 1) || more.length > 0) {
        throw new NotASnapshot("a row of the snapshot is no entry of a key-value store");
      }
      if (key <= (keys.at(-1) ?? "")) throw new NotASnapshot("the snapshot's keys are not in order, each once");
      keys.push(key);
      entries.set(key, { value, revision });
    }
    this.#entries = entries;
    this.#index = KeyIndex.fromAscending(keys);
  }

  *#rows(): Generator<Json> {
    for (const key of this.#index.from("")) {
      const entry = this.#entries.get(key);
      if (entry) yield [key, entry.value, entry.revision];
    }
  }

  /** Puts a value, or deletes the key for null. */
  #write(
    slot: number,
    key: string,
    value: string | null,
  ): { readonly previous: VersionedValue | null; readonly changes: readonly KeyValueChange[] } {
    const previous = this.#entries.get(key) ?? null;
    if (value === null) {
      if (previous === null) return { previous, changes: NO_CHANGES };
      this.#entries.delete(key);
      this.#index.remove(key);
      return { previous, changes: [{ revision: slot, key, value, type: "delete" }] };
    }
    this.#entries.set(key, { value, revision: slot });
    if (previous === null) this.#index.insert(key);
    return { previous, changes: [{ revision: slot, key, value, type: "put" }] };
  }

  #range({ prefix = "", from = "", to, after, limit = USUAL_RANGE_LIMIT }: RangeQuery): RangeAnswer {
    const start = [prefix, from, after ?? ""].reduce((highest, bound) => (bound > highest ? bound : highest));
    const entries: KeyValueEntry[] = [];
    let characters = 0;
    for (const key of this.#index.from(start)) {
      if (key === after) continue;
      // Keys with one prefix stand together, and none below `start` are here: the first without it is past them.
      if (!key.startsWith(prefix) || (to !== undefined && key >= to)) break;
      const found = this.#entries.get(key);
      if (!found) continue;
      characters += key.length + found.value.length;
      const full = entries.length >= limit || characters > RANGE_PAGE_CHARACTERS;
      if (full && entries.length > 0) return { entries, next: entries.at(-1)?.key ?? null };
      entries.push(entryOf(key, found));
    }
    return { entries, next: null };
  }
}

function entryOf(key: string, { value, revision }: VersionedValue): KeyValueEntry {
  return { key, value, revision };
}

function replaced(operation: KeyValueOperation, previous: VersionedValue | null): Replaced {
  return operation.previous ? { previous } : {};
}

function isAsExpected(current: VersionedValue | null, operation: CompareOperation): boolean {
  if ("expected" in operation) return (current?.value ?? null) === operation.expected;
  return current?.revision === operation.expectedRevision;
}
