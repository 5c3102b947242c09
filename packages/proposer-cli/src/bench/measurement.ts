import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { OPERATIONS, type OperationName } from "./options.js";

/** Longer times than this are not told apart: an hour, in microseconds. */
const LONGEST_US = 3_600_000_000;

/** Figures that a time keeps in a histogram. */
const SIGNIFICANT_FIGURES = 3;

/** How many points of a distribution stand between one of 90 % and one of 99 %, and so on. */
const POINTS_A_DECADE = 10;

/** How long requests of one kind took, in milliseconds, with three figures. */
export interface Latency {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** The whole distribution: so many percent of the requests took so long or less, as far as there are requests to say so. */
  readonly distribution: readonly (readonly [percent: number, ms: number])[];
}

/**
 * Times and errors of one measurement. Times go into HDR histograms (Node has them built in), which keep every one of them
 * to three figures, however many there are.
 */
export class Measurement {
  readonly #histograms = new Map<OperationName, RecordableHistogram>();
  readonly #errors = new Map<string, number>();
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.POSITIVE_INFINITY;
  #answersInTime = 0;

  /** From when to when requests that begin count, on the clock of `performance.now()`. */
  spans(fromMs: number, toMs: number): void {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** It ends earlier than was planned. */
  endsAt(nowMs: number): void {
    this.#toMs = Math.min(this.#toMs, nowMs);
  }

  /** An operation was done. */
  done(operation: OperationName, beginMs: number, endMs: number): void {
    if (endMs >= this.#fromMs && endMs <= this.#toMs) this.#answersInTime++;
    if (beginMs < this.#fromMs || beginMs > this.#toMs) return;
    let histogram = this.#histograms.get(operation);
    if (!histogram) {
      histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: SIGNIFICANT_FIGURES });
      this.#histograms.set(operation, histogram);
    }
    histogram.record(Math.max(1, Math.min(LONGEST_US, Math.round((endMs - beginMs) * 1000))));
  }

  /** An operation failed. */
  failed(code: string, beginMs: number): void {
    if (beginMs >= this.#fromMs) this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** Seconds that are counted; 0 if it never came to that. */
  seconds(nowMs: number): number {
    return Math.max(0, (Math.min(nowMs, this.#toMs) - this.#fromMs) / 1000);
  }

  /** Answers a second. */
  rate(nowMs: number): number {
    const seconds = this.seconds(nowMs);
    return seconds === 0 ? 0 : this.#answersInTime / seconds;
  }

  /** How often what went wrong, most often first. */
  get errors(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#errors].sort(([, one], [, other]) => other - one));
  }

  /** In how many milliseconds so many percent of the operations of the slowest kind were done; null if none was. */
  percentileSoFar(percent: number): number | null {
    const all = [...this.#histograms.values()].map((histogram) => histogram.percentile(percent) / 1000);
    return all.length === 0 ? null : Math.max(...all);
  }

  /** Of each kind of operation that was done at all. */
  get latencies(): Readonly<Partial<Record<OperationName, Latency>>> {
    const done = OPERATIONS.flatMap((operation) => {
      const histogram = this.#histograms.get(operation);
      return histogram ? [[operation, latencyOf(histogram)]] : [];
    });
    return Object.fromEntries(done);
  }
}

function latencyOf(histogram: RecordableHistogram): Latency {
  const { count } = histogram;
  const at = (percent: number) => histogram.percentile(percent) / 1000;
  return {
    count,
    mean: Math.round(histogram.mean) / 1000,
    min: histogram.min / 1000,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
    distribution: percentsUpTo(count).map((percent) => [percent, at(percent)]),
  };
}

/** Closer together the nearer to 100 they are; the last one but 100 is the one above which a single request lies. */
function percentsUpTo(count: number): number[] {
  const decades = Math.log10(Math.max(count, 1));
  const places = Array.from(
    { length: Math.floor(decades * POINTS_A_DECADE) },
    (_, place) => (place + 1) / POINTS_A_DECADE,
  );
  const percents = places.map((place) => Number((100 * (1 - 10 ** -place)).toFixed(6)));
  return [...percents, 100];
}
