import type { Random } from "@synod/consensus";
import { type BenchSettings, KEY_PREFIX_LENGTH, type OperationName } from "./options.js";

/** One operation that shall be done. */
export interface Asked {
  readonly operation: OperationName;
  readonly key: string;
  /** What is written; empty for a get. */
  readonly value: string;
}

/** Decides what is done next: which operation, by the shares of the mix, with which key, each as likely as the others. */
export class Workload {
  readonly #keys: readonly string[];
  readonly #random: Random;
  readonly #putShare: number;
  readonly #allShares: number;
  readonly #nextValue: () => string;

  /** @param keys those to choose from, see `keysOf` */
  constructor({ mix, valueSize, record }: BenchSettings, keys: readonly string[], random: Random) {
    this.#keys = keys;
    this.#random = random;
    this.#putShare = mix.put;
    this.#allShares = mix.put + mix.get;
    const fixed = "v".repeat(valueSize);
    let written = 0;
    // In a history every value is written once, so that a read tells who wrote what it saw.
    this.#nextValue = record === null ? () => fixed : () => String(++written).padEnd(valueSize, ".");
  }

  next(): Asked {
    const key = this.#keys[this.#random.below(this.#keys.length)] as string;
    const isPut = this.#allShares === this.#putShare || this.#random.below(this.#allShares) < this.#putShare;
    return isPut ? this.put(key) : { operation: "get", key, value: "" };
  }

  /** The next write of this key. */
  put(key: string): Asked {
    return { operation: "put", key, value: this.#nextValue() };
  }
}

/** What the keys of a run begin with, so that they are those of no other run, and of nobody else. */
export function keyPrefix(random: Random): string {
  const tag = random
    .below(36 ** 5)
    .toString(36)
    .padStart(5, "0");
  return `bench-${tag}-`;
}

/** The keys of a run, each of the same length. */
export function keysOf({ keys, keySize }: BenchSettings, prefix: string): string[] {
  const digits = keySize - KEY_PREFIX_LENGTH;
  return Array.from({ length: keys }, (_, number) => prefix + number.toString(36).padStart(digits, "0"));
}
