import type { FastifyBaseLogger } from "fastify";

/** How many lines of a kind are written at once, and how often those that were left out are counted in a line. */
export interface SparingLogLimits {
  readonly lines: number;
  readonly everyMs: number;
}

const LIMITS: SparingLogLimits = { lines: 5, everyMs: 10_000 };

type Level = "warn" | "error";

/** Lines of one kind since its period began. */
interface Period {
  lines: number;
  leftOut: number;
  readonly level: Level;
}

/**
 * A log of what strangers can bring about as often as they like: of each kind the first few lines of a period, and at its
 * end one that says how many more there were. So nobody fills a disk with what this server says of him.
 */
export class SparingLog {
  readonly #log: FastifyBaseLogger;
  readonly #limits: SparingLogLimits;
  readonly #periods = new Map<string, Period>();
  #timer: NodeJS.Timeout | null = null;

  constructor(log: FastifyBaseLogger, limits: Partial<SparingLogLimits> = {}) {
    this.#log = log;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** @param kind one of a few words: lines of one kind are counted together */
  write(level: Level, kind: string, fields: object, text: string): void {
    this.#timer ??= setTimeout(() => this.#endPeriod(), this.#limits.everyMs).unref();
    const period = this.#periods.get(kind) ?? { lines: 0, leftOut: 0, level };
    this.#periods.set(kind, period);
    if (period.lines >= this.#limits.lines) {
      period.leftOut++;
      return;
    }
    period.lines++;
    this.#log[level](fields, text);
  }

  /** Writes what only those see who ask for it. */
  debug(fields: object, text: string): void {
    this.#log.debug(fields, text);
  }

  /** Says what was left out so far. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#endPeriod();
  }

  #endPeriod(): void {
    this.#timer = null;
    for (const [kind, { leftOut, level }] of this.#periods) {
      if (leftOut > 0) this.#log[level]({ kind, count: leftOut }, `${leftOut} more of the kind "${kind}"`);
    }
    this.#periods.clear();
  }
}
