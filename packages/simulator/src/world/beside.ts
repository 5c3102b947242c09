import type { Microseconds } from "../faults/fault.js";
import type { Kinds, Occurrences, Violation, Watch } from "./system.js";
import type { WorldEvent } from "./world-event.js";

// What watches and counts a machine that stands behind a log, beside what does so for every log.

/** Has the watch of the machine look first: what breaks it is told in its own words. */
export function watchedFirst<K extends Kinds, Property extends string>(
  machine: { observe(event: WorldEvent<K>, report: (property: Property, sentence: string) => void): void },
  log: Watch<K>,
): Watch<K> {
  return {
    observe: (event, report: (violation: Violation) => void) => {
      machine.observe(event, (property, sentence) => report({ property, sentence }));
      log.observe(event, report);
    },
    get state() {
      return log.state;
    },
  };
}

/** Counts what a machine is about, beside what its log is about. */
export abstract class OccurrencesBeside<K extends Kinds, Name extends string> implements Occurrences<K> {
  readonly #log: Occurrences<K>;
  readonly #counts: Record<Name, number>;

  /** @param log counts what every log is about */
  constructor(log: Occurrences<K>, names: readonly Name[]) {
    this.#log = log;
    this.#counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  }

  get counts(): Readonly<Record<string, number>> {
    return { ...this.#log.counts, ...this.#counts };
  }

  get longestUs(): Readonly<Record<string, Microseconds>> {
    return this.#log.longestUs;
  }

  get settled(): boolean {
    return this.#log.settled;
  }

  observe(event: WorldEvent<K>, nowUs: Microseconds): void {
    this.#log.observe(event, nowUs);
    this.look(event);
  }

  /** Counts what this event shows of the machine. */
  protected abstract look(event: WorldEvent<K>): void;

  /** It happened. */
  protected count(name: Name): void {
    this.#counts[name]++;
  }
}
