import { Random } from "@synod/consensus";

/**
 * A generator of its own for one purpose of one run. So what one link or disk draws does not shift what the others get,
 * and a run in which one fault is taken away stays the same elsewhere.
 */
export function randomFor(seed: number, purpose: string): Random {
  // FNV-1a over the characters, from a start that the seed decides.
  let hash = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b) ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193) >>> 0;
  return Random.fromSeed(hash);
}
