import { invariant } from "./invariant.js";

/** What a participant may leave to chance. A checker that explores every choice gives it one that always says the same. */
export interface Chance {
  /** An integer 0..bound-1. */
  below(bound: number): number;
  /** `count` of the items, or all if there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
}

/**
 * A seeded generator: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021),
 * filled by SplitMix32. Integer operations only, so that a seed gives the same run on every machine. Not for secrets.
 */
export class Random implements Chance {
  // Four numbers of 32 bits: a simulation makes many generators, and an array of its own costs each of them more.
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;

  private constructor() {}

  /** @param seed an integer 0..2^53-1 */
  static fromSeed(seed: number): Random {
    invariant(Number.isSafeInteger(seed) && seed >= 0, "a seed is an integer 0..2^53-1");
    let x = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) >>> 0;
    const next = (): number => {
      x = (x + 0x9e3779b9) >>> 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    const random = new Random();
    random.#s0 = next();
    random.#s1 = next();
    random.#s2 = next();
    random.#s3 = next();
    return random;
  }

  /** An integer 0..2^32-1. */
  uint32(): number {
    const s1 = this.#s1;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const s2 = this.#s2 ^ this.#s0;
    const s3 = this.#s3 ^ s1;
    this.#s1 = s1 ^ s2;
    this.#s0 ^= s3;
    this.#s2 = s2 ^ (s1 << 9);
    this.#s3 = rotateLeft(s3, 11);
    return result;
  }

  /** An integer 0..bound-1, each equally likely. @param bound an integer 1..2^53-1 */
  below(bound: number): number {
    invariant(Number.isSafeInteger(bound) && bound >= 1, "a bound is an integer 1..2^53-1");
    if (bound > 2 ** 32) return this.#belowLarge(bound);
    // Numbers above the last whole multiple of the bound would favour the small ones: draw again.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let drawn = this.uint32();
    while (drawn >= limit) drawn = this.uint32();
    return drawn % bound;
  }

  #belowLarge(bound: number): number {
    const limit = 2 ** 53 - (2 ** 53 % bound);
    let drawn = this.#uint53();
    while (drawn >= limit) drawn = this.#uint53();
    return drawn % bound;
  }

  #uint53(): number {
    return (this.uint32() >>> 11) * 2 ** 32 + this.uint32();
  }

  /** `count` of the items, or all if there are fewer, in random order, each order equally likely (Fisher and Yates). */
  sample<T>(items: readonly T[], count: number): T[] {
    const pool = [...items];
    const taken: T[] = [];
    while (pool.length > 0 && taken.length < count) taken.push(...pool.splice(this.below(pool.length), 1));
    return taken;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
