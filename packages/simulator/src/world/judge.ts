import type { Kinds, System, Violation, Watch } from "./system.js";
import type { WorldEvent } from "./world-event.js";

/** The property that no node breaks a rule about its own state: the assertions in the cores, which are always on. */
export const OWN_RULES = "own-rules";

/**
 * Watches a run and keeps the first violation of the properties that count. After it, it looks no further: what a
 * broken system does next proves nothing.
 */
export class Judge<K extends Kinds = Kinds> {
  readonly #watch: Watch<K>;
  readonly #counts: ((property: string) => boolean) | null;
  #violation: Violation | null = null;

  /**
   * @param properties the names of those that count; null: all
   * @param state what an earlier judge's watch remembered
   */
  constructor(system: System<K>, properties: readonly string[] | null = null, state?: unknown) {
    this.#watch = system.watch(state);
    const wanted = properties && new Set(properties);
    this.#counts = wanted && ((property) => wanted.has(property));
  }

  get violation(): Violation | null {
    return this.#violation;
  }

  /** What the watch remembers. */
  get state(): unknown {
    return this.#watch.state;
  }

  observe(event: WorldEvent<K>): void {
    if (this.#violation !== null) return;
    if (event.kind === "break")
      this.#report({ property: OWN_RULES, sentence: `${event.node} stopped: ${event.error}` });
    else this.#watch.observe(event, this.#report);
  }

  readonly #report = (violation: Violation): void => {
    if (this.#violation === null && (this.#counts?.(violation.property) ?? true)) this.#violation = violation;
  };
}
