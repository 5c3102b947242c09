import type { Batch } from "./batch.js";
import type { Call, Lane } from "./call.js";

/** The calls on one key, in the order in which they were made. */
export interface Line {
  readonly key: string;
  /** The lane of those that are queued or in the batch. */
  lane: Lane;
  /** The one batch that has calls of this key; null: they are only queued. */
  batch: Batch | null;
  /** Calls in that batch. */
  inBatch: number;
  /** Calls that are queued or in the batch. */
  open: number;
  /** Those that come after, first the ones that were queued already. */
  readonly setBack: Call[];
  waiting: Call[];
  /** Calls that were given up since those were last taken out. */
  givenUp: number;
}

/** So many calls of a line that were given up may wait with the others. */
const MOST_GIVEN_UP = 100;

/**
 * Keeps the calls on each key in their order: at any time one batch at most has calls of a key, and what follows waits
 * until all of them are answered. Within a batch the server keeps the order.
 */
export class KeyLines {
  readonly #lines = new Map<string, Line>();

  /** Whether a new call may be queued now; else it waits, and is handed out by `leave`. */
  admit(call: Call): boolean {
    const { key } = call.operation;
    const line = this.#lines.get(key);
    if (line === undefined) {
      const { lane } = call;
      call.line = { key, lane, batch: null, inBatch: 0, open: 1, setBack: [], waiting: [], givenUp: 0 };
      this.#lines.set(key, call.line);
      return true;
    }
    call.line = line;
    const mayJoin = line.batch === null && line.lane === call.lane && line.waiting.length === 0;
    if (mayJoin && line.setBack.length === 0) {
      line.open++;
      return true;
    }
    line.waiting.push(call);
    return false;
  }

  /**
   * Whether a queued call may go with this batch. If calls of its key are with another one, or were set back before it, it
   * waits: then ask `afterSettingBack` what may be queued.
   */
  claim(call: Call, batch: Batch): boolean {
    const line = call.line as Line;
    if ((line.batch !== null && line.batch !== batch) || line.setBack.length > 0) {
      line.open--;
      line.setBack.push(call);
      return false;
    }
    line.batch = batch;
    line.inBatch++;
    return true;
  }

  /** @returns those that may be queued now, if this was the last of its line that was queued and none is in a batch */
  afterSettingBack({ line }: Call): readonly Call[] {
    return line !== null && line.open === 0 ? this.#next(line) : NONE;
  }

  /** A call is settled without an answer. If it waits, it need not for ever. */
  gaveUp({ line }: Call): void {
    if (line === null || ++line.givenUp < Math.max(MOST_GIVEN_UP, line.waiting.length / 2)) return;
    line.givenUp = 0;
    line.waiting = line.waiting.filter(({ isSettled }) => !isSettled);
  }

  /** A call that was in a batch is settled. @returns those that may be queued now */
  leaveBatch({ line }: Call): readonly Call[] {
    if (line === null) return NONE;
    line.inBatch--;
    if (line.inBatch === 0) line.batch = null;
    return this.#leave(line);
  }

  /** A call that was only queued is settled. @returns those that may be queued now */
  leaveQueue({ line }: Call): readonly Call[] {
    return line === null ? NONE : this.#leave(line);
  }

  #leave(line: Line): readonly Call[] {
    line.open--;
    if (line.open > 0) return NONE;
    if (line.setBack.length === 0 && line.waiting.length === 0) {
      this.#lines.delete(line.key);
      return NONE;
    }
    return this.#next(line);
  }

  /** The next calls of a line, as many as go in one lane. */
  #next(line: Line): readonly Call[] {
    const all = [...line.setBack, ...line.waiting].filter(({ isSettled }) => !isSettled);
    const [first] = all;
    if (first === undefined) {
      this.#lines.delete(line.key);
      return NONE;
    }
    const otherLane = all.findIndex(({ lane }) => lane !== first.lane);
    const ready = otherLane === -1 ? all : all.slice(0, otherLane);
    line.lane = first.lane;
    line.open = ready.length;
    line.setBack.length = 0;
    line.waiting = all.slice(ready.length);
    return ready;
  }
}

const NONE: readonly Call[] = [];
