import { type Input, invariant, type LearnerWrite, type LogApplication, type LogMessage } from "@synod/consensus";
import { type Block, blockRecord } from "@synod/state-machines";
import type { BlocksWrite } from "../multipaxos/multipaxos-kinds.js";
import type { LogLearnerPart } from "../multipaxos/parts.js";

/** The state that a learner feeds, which takes down the blocks that it tells of, and between which snapshots it did. */
export class ChainState implements LogApplication {
  readonly #state: LogApplication;
  #records: string[][] = [[]];

  /** @param make makes the state, which tells of its blocks so */
  constructor(make: (tell: (blocks: readonly Block[]) => void) => LogApplication) {
    this.#state = make((blocks) => this.#records.at(-1)?.push(...blocks.map(blockRecord)));
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
    this.#records.push([]);
    return this.#state.snapshot();
  }

  restore(pieces: readonly string[], through: number): void {
    this.#state.restore(pieces, through);
    this.#records.push([]);
  }

  /** What was told of since it was last asked: up to the first snapshot taken or restored, up to the next, and the rest. */
  take(): readonly (readonly string[])[] {
    const records = this.#records;
    this.#records = [[]];
    return records;
  }
}

/** A learner with its file of blocks, as a server keeps one: no snapshot is written before the blocks that it counts on. */
export class ChainKeeper implements LogLearnerPart {
  readonly #learner: LogLearnerPart;
  readonly #state: ChainState;

  /** @param state what this learner feeds */
  constructor(learner: LogLearnerPart, state: ChainState) {
    this.#learner = learner;
    this.#state = state;
    // With its last snapshot it began.
    state.take();
  }

  get state(): unknown {
    return this.#learner.state;
  }

  step(input: Input<LogMessage>): ReturnType<LogLearnerPart["step"]> {
    const ready = this.#learner.step(input);
    const [before = [], ...after] = this.#state.take();
    invariant(after.length === ready.writes.length, "a learner writes each snapshot that it takes or takes over");
    const writes = ready.writes.flatMap((write, place) => [write, ...blocksWrite(after[place] ?? [])]);
    return { ...ready, writes: [...blocksWrite(before), ...writes] };
  }
}

function blocksWrite(records: readonly string[]): BlocksWrite[] {
  return records.length === 0 ? [] : [{ kind: "blocks", records }];
}

/** The snapshots among what is on a learner's disk. */
export function snapshotsIn(disk: readonly (LearnerWrite | BlocksWrite)[]): readonly LearnerWrite[] {
  return disk.filter((write): write is LearnerWrite => write.kind === "snapshot");
}
