import type { LogApplication } from "@synod/consensus";
import { ReplicatedState, type StateMachine } from "@synod/state-machines";
import type { FastifyBaseLogger } from "fastify";

/** Characters of a value that the log repeats. */
const LONGEST_QUOTE = 200;

export interface ReplicatedMachineOptions<Machine, Change> {
  /** Makes a fresh one. */
  readonly machine: () => Machine;
  /** Hears what is carried out, in the order of the slots. Must not throw. */
  readonly applied: (slot: number, changes: readonly Change[]) => void;
  /** Hears of a snapshot of its state that was taken. */
  readonly snapshotTaken?: (machine: Machine, pieces: readonly string[]) => void;
  /**
   * Hears that the state was replaced by this one, of this slot: how it came to be is not in a snapshot.
   *
   * @throws {NotASnapshot} if it cannot be: then nothing was replaced
   */
  readonly restored: (machine: Machine, through: number, pieces: readonly string[]) => void;
  readonly logger?: FastifyBaseLogger | undefined;
}

/** A state machine with sessions, as a learner applies values to it; what is no command is counted, and logged. */
export class ReplicatedMachine<Machine extends StateMachine<Operation, Change>, Operation, Change>
  implements LogApplication
{
  readonly #options: ReplicatedMachineOptions<Machine, Change>;
  #machine: Machine;
  #state: ReplicatedState<Operation, Change>;
  #notCommands = 0;

  constructor(options: ReplicatedMachineOptions<Machine, Change>) {
    this.#options = options;
    this.#machine = options.machine();
    this.#state = this.#stateOf(this.#machine);
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** Sessions that live. */
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
    const pieces = this.#state.snapshot();
    this.#options.snapshotTaken?.(this.#machine, pieces);
    return pieces;
  }

  restore(pieces: readonly string[], through: number): void {
    const machine = this.#options.machine();
    const state = this.#stateOf(machine);
    state.restore(pieces, through);
    this.#options.restored(machine, state.appliedThrough, pieces);
    this.#machine = machine;
    this.#state = state;
  }

  #stateOf(machine: Machine): ReplicatedState<Operation, Change> {
    const { applied, logger } = this.#options;
    const foreign = (slot: number, value: string) => {
      this.#notCommands++;
      const begins = value.slice(0, LONGEST_QUOTE);
      logger?.warn({ slot, value: begins }, "a value that is no command is applied as a no-op: a person's hand");
    };
    return new ReplicatedState(machine, { observer: { applied, foreign } });
  }
}
