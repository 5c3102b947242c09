import type { LogApplication } from "@synod/consensus";
import { KeyValueStore, ReplicatedState } from "@synod/state-machines";
import type { FastifyBaseLogger } from "fastify";
import type { ChangeFeed } from "./change-feed.js";

/** Characters of a value that the log repeats. */
const LONGEST_QUOTE = 200;

/** A learner's replicated key-value store: tells its feed what changes, and the log what is no command. */
export class KeyValueApplication implements LogApplication {
  readonly #store = new KeyValueStore();
  readonly #state: ReplicatedState<
    ReturnType<KeyValueStore["parseOperation"]> & {},
    Parameters<ChangeFeed["push"]>[0][number]
  >;
  readonly #changes: ChangeFeed;
  #notCommands = 0;

  constructor(changes: ChangeFeed, logger?: FastifyBaseLogger) {
    this.#changes = changes;
    this.#state = new ReplicatedState(this.#store, {
      observer: {
        applied: (_slot, changed) => changes.push(changed),
        foreign: (slot, value) => {
          this.#notCommands++;
          const begins = value.slice(0, LONGEST_QUOTE);
          logger?.warn({ slot, value: begins }, "a value that is no command is applied as a no-op: a person's hand");
        },
      },
    });
  }

  get keys(): number {
    return this.#store.size;
  }

  get sessions(): number {
    return this.#state.sessionCount;
  }

  /** Values that were no command, since this process applies. */
  get notCommands(): number {
    return this.#notCommands;
  }

  apply(slot: number, value: string): string {
    return this.#state.apply(slot, value);
  }

  recall(slot: number, value: string): string | null {
    return this.#state.recall(slot, value);
  }

  read(query: string): string {
    return this.#state.read(query);
  }

  snapshot(): readonly string[] {
    return this.#state.snapshot();
  }

  restore(pieces: readonly string[]): void {
    this.#state.restore(pieces);
    // How the state came to be is not in a snapshot: changes are known from there on.
    this.#changes.restart(this.#state.appliedThrough);
  }
}
