import type { Chance } from "../core/random.js";

/** How long the members of a ring wait for each other, in milliseconds. Safety rests on none of these. */
export interface RingTiming {
  /** A message on the ring that was not taken is sent again after this. */
  readonly resendMs: number;
  /** A node that was heard before and takes nothing for so long is skipped. */
  readonly patienceMs: number;
  /** A node that was never heard may not have started yet: it is waited for until so long after one's own start. */
  readonly gatherMs: number;
  /** An election that has found no leader by then is held again; doubled with each one, up to 16 times. */
  readonly electionMs: number;
  /** A leader from which START has not come by then is replaced. */
  readonly startMs: number;
  /** START, and what is chosen, are told again after this; doubled each time, up to `longestMs`. */
  readonly tellMs: number;
  readonly longestMs: number;
  /** How long a proposer waits for the answers of a phase, at most. */
  readonly phaseTimeoutMs: number;
  /** The longest wait of a proposer that was pre-empted before its second attempt. */
  readonly backOffMs: number;
  /** A client that has heard no value asks again after this; doubled each time, up to `longestMs`. */
  readonly askMs: number;
}

export const RING_TIMING: RingTiming = {
  resendMs: 100,
  patienceMs: 2_000,
  gatherMs: 10_000,
  electionMs: 5_000,
  startMs: 3_000,
  tellMs: 200,
  longestMs: 2_000,
  phaseTimeoutMs: 500,
  backOffMs: 50,
  askMs: 500,
};

/** How often a proposer tries for one request of a client; then it says how it went, and the client asks the next one. */
export const ATTEMPTS_FOR_A_REQUEST = 3;

/**
 * A wait that doubles with each try and has jitter: between half of it and all of it, by chance, so that those who wait for
 * each other do not go on in step.
 *
 * @param tries how often it was waited before
 */
export function backOff(firstMs: number, tries: number, longestMs: number, chance: Chance): number {
  const longest = Math.min(longestMs, firstMs * 2 ** Math.min(tries, 10));
  return Math.ceil(longest / 2) + chance.below(Math.floor(longest / 2) + 1);
}
