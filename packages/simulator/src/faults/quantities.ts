import { invariant } from "@synod/consensus";
import type { DelayRange, Microseconds } from "./fault.js";

const UNITS_US: Readonly<Record<string, Microseconds>> = { us: 1, ms: 1000, s: 1_000_000, m: 60_000_000 };

/** The longest time a fault can name: a day. */
export const LONGEST_US: Microseconds = 24 * 60 * 60_000_000;

/** One percent. */
const PERCENT_PPM = 10_000;

/** What a fault says in parts of a million is bounded so, both ends included. */
export interface Bounds {
  readonly leastPpm: number;
  readonly mostPpm: number;
}

/** How many of all messages. */
export const SHARE: Bounds = { leastPpm: 0, mostPpm: 100 * PERCENT_PPM };

/** How much faster a clock runs: it never stands still, and never goes back. */
export const SKEW: Bounds = { leastPpm: -99 * PERCENT_PPM, mostPpm: 1000 * PERCENT_PPM };

/** The time that this text names, such as `1.5s`; or else, as a text, what is wrong with it. */
export function readTime(text: string): Microseconds | string {
  const [, whole, decimals = "", unit] = /^(\d+)(?:\.(\d+))?(us|ms|s|m)?$/i.exec(text) ?? [];
  if (whole === undefined) return "expected a time, such as 2s, 1.5s, 500ms or 250us";
  if (unit === undefined) {
    return /^0+$/.test(text) ? 0 : `a time needs a unit: write ${text}s, ${text}ms or ${text}us`;
  }
  const unitUs = UNITS_US[unit.toLowerCase()] ?? 1;
  const digits = decimals.replace(/0+$/, "");
  if (Number(whole) > LONGEST_US / unitUs) return TOO_LONG;
  // In whole numbers below 2^53, for no machine to round: a microsecond has seven decimals of a minute at most.
  const tenMillionths = Number(digits.padEnd(7, "0")) * unitUs;
  if (digits.length > 7 || tenMillionths % 10_000_000 !== 0) return "is finer than a microsecond";
  const timeUs = Number(whole) * unitUs + tenMillionths / 10_000_000;
  return timeUs > LONGEST_US ? TOO_LONG : timeUs;
}

const TOO_LONG = "is longer than a day (1440m)";

/** The shortest text that names this time. */
export function timeInWords(timeUs: Microseconds): string {
  invariant(Number.isSafeInteger(timeUs) && timeUs >= 0 && timeUs <= LONGEST_US, "a time is 0us..1440m, in whole us");
  if (timeUs === 0) return "0";
  if (timeUs % 60_000_000 === 0) return `${timeUs / 60_000_000}m`;
  if (timeUs >= 1_000_000) return `${decimal(timeUs, 6)}s`;
  return timeUs >= 1000 ? `${decimal(timeUs, 3)}ms` : `${timeUs}us`;
}

/** `5ms`, or `50ms..200ms`. */
export function rangeInWords({ leastUs, mostUs }: DelayRange): string {
  invariant(leastUs <= mostUs, "a range rises");
  return leastUs === mostUs ? timeInWords(leastUs) : `${timeInWords(leastUs)}..${timeInWords(mostUs)}`;
}

/** The parts of a million that this text names, such as `0.5%`; or else, as a text, what is wrong with it. */
export function readPercentage(text: string, bounds: Bounds): number | string {
  const expected = `expected a percentage from ${percentageInWords(bounds.leastPpm, bounds)} to ${percentageInWords(bounds.mostPpm, bounds)}`;
  const [, sign, whole, decimals = ""] = /^([+-]?)(\d+)(?:\.(\d+))?%$/.exec(text) ?? [];
  if (whole === undefined) return `${expected}, such as 10%`;
  if (decimals.length > 4) return "has more than four decimals";
  const size = Number(whole) * PERCENT_PPM + Number(decimals.padEnd(4, "0"));
  const ppm = sign === "-" ? 0 - size : size;
  return ppm < bounds.leastPpm || ppm > bounds.mostPpm ? expected : ppm;
}

/** `0.5%`; of a skew `+0.5%`. */
export function percentageInWords(ppm: number, bounds: Bounds): string {
  invariant(Number.isSafeInteger(ppm) && ppm >= bounds.leastPpm && ppm <= bounds.mostPpm, "a percentage is in bounds");
  const sign = ppm < 0 ? "-" : bounds.leastPpm < 0 ? "+" : "";
  return `${sign}${decimal(Math.abs(ppm), 4)}%`;
}

/** A whole number with its last places behind a point, without needless zeros. */
function decimal(number: number, places: number): string {
  const digits = String(number).padStart(places + 1, "0");
  const behind = digits.slice(-places).replace(/0+$/, "");
  return behind === "" ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${behind}`;
}
