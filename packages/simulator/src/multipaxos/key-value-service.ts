import type { Random, Slot } from "@synod/consensus";
import { type Json, keyTouched } from "@synod/state-machines";
import { type Asking, type MachineModel, oneOf, type Service } from "./service.js";

/** A value, and the slot that put it there. */
interface Stored {
  readonly value: string;
  readonly revision: Slot;
}

interface Version {
  readonly from: Slot;
  readonly stored: Stored | null;
}

interface Operation {
  readonly type: string;
  readonly key: string;
  readonly value?: string | null;
  readonly expected?: string | null;
  readonly previous?: true;
}

const KEYS = ["k1", "k2", "k3", "k4"];

/** Puts, deletions and comparisons of a few keys; values, ranges and counts. */
class KeyValueAsking implements Asking {
  readonly #random: Random;
  /** The last values that were planned for each key, so that a comparison may succeed. */
  readonly #values = new Map<string, string[]>();
  #written = 0;
  #writes = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  write(): Json {
    const random = this.#random;
    const die = random.below(10);
    const key = oneOf(random, KEYS);
    if (die < 5) return this.put();
    if (die < 6) return { type: "delete", key, ...this.#asks() };
    const known = this.#values.get(key) ?? [];
    const expected = known.length === 0 || random.below(4) === 0 ? null : oneOf(random, known);
    return { type: "cas", key, expected, value: this.#fresh(key), ...this.#asks() };
  }

  put(): Json {
    const key = oneOf(this.#random, KEYS);
    return { type: "put", key, value: this.#fresh(key), ...this.#asks() };
  }

  query(): Json {
    const die = this.#random.below(8);
    const key = oneOf(this.#random, KEYS);
    return die === 0 ? { type: "range" } : die === 1 ? { type: "count" } : { type: "get", key };
  }

  again(operation: Json): Json {
    return operation;
  }

  /** Every other write asks what was there before. */
  #asks(): { readonly previous?: true } {
    return this.#writes++ % 2 === 0 ? { previous: true } : {};
  }

  /** A value that no other write has. */
  #fresh(key: string): string {
    const value = `v${++this.#written}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []).slice(-3), value]);
    return value;
  }
}

/** The store as a few maps: shares nothing with the one that learners have. */
class KeyValueModel implements MachineModel {
  readonly #versions = new Map<string, Version[]>();

  /** The store understands whatever clients of a simulation ask. */
  isOperation(): boolean {
    return true;
  }

  markOf(operation: Json): string | null {
    return (operation as unknown as Operation).value ?? null;
  }

  touches(operation: Json): string {
    return (operation as unknown as Operation).key;
  }

  carryOut(slot: Slot, operation: Json): Json {
    const { type, key, value = null, expected = null, previous: asks } = operation as unknown as Operation;
    const current = this.#versions.get(key)?.at(-1)?.stored ?? null;
    const before = current && { value: current.value, revision: current.revision };
    if (type === "cas" && (current?.value ?? null) !== expected) return { succeeded: false, current: before };
    this.#write(slot, key, type === "delete" ? null : value);
    const told = asks ? { previous: before } : {};
    if (type === "put") return { revision: slot, ...told };
    if (type === "delete") return { deleted: before !== null, ...told };
    return { succeeded: true, revision: slot, ...told };
  }

  answer(query: Json, slot: Slot | 0): Json {
    const { type, key } = query as { readonly type: string; readonly key?: string };
    if (type === "get") return { entry: this.#entry(key ?? "", slot) };
    const names = [...this.#versions.keys()].sort();
    const entries = names.flatMap((name) => this.#entry(name, slot) ?? []);
    return type === "count" ? { keys: entries.length } : { entries, next: null };
  }

  get rows(): Json[] {
    const names = [...this.#versions.keys()].sort();
    const stored = names.map((name) => [name, this.#versions.get(name)?.at(-1)?.stored ?? null] as const);
    return stored.flatMap(([name, one]) => (one ? [[name, one.value, one.revision]] : []));
  }

  #write(slot: Slot, key: string, value: string | null): void {
    const versions = this.#versions.get(key) ?? [];
    this.#versions.set(key, versions);
    versions.push({ from: slot, stored: value === null ? null : { value, revision: slot } });
  }

  #entry(key: string, slot: Slot | 0): Json {
    const versions = this.#versions.get(key) ?? [];
    let place = versions.length - 1;
    while ((versions[place]?.from ?? 0) > slot) place--;
    const version = versions[place];
    return version?.stored ? { key, value: version.stored.value, revision: version.stored.revision } : null;
  }
}

export const KEY_VALUE: Service = {
  asking: (random) => new KeyValueAsking(random),
  model: () => new KeyValueModel(),
  touches: keyTouched,
};
