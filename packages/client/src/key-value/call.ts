import { type CallWords, PendingCall } from "../calls/pending-call.js";
import { CompareFailed, failureOf, type Versioned } from "../calls/store-errors.js";
import type { Line } from "./key-lines.js";

/** One operation, as `POST /kv/batch` takes it. */
export type Operation =
  | { readonly type: "get"; readonly key: string }
  | { readonly type: "put"; readonly key: string; readonly value: string; readonly previous?: true }
  | { readonly type: "delete"; readonly key: string; readonly previous?: true }
  | {
      readonly type: "cas";
      readonly previous?: true;
      readonly key: string;
      readonly value: string | null;
      readonly expected?: string | null;
      readonly expectedRevision?: number;
    };

/** What came of one operation, as the answer to a batch says it; which members there are depends on its type. */
export interface OperationResult {
  readonly slot: number;
  readonly value?: string;
  readonly revision?: number;
  readonly previous?: Versioned | null;
  readonly deleted?: boolean;
  readonly learner?: string;
}

/** The same, if it failed. */
type Refused = { readonly error: Parameters<typeof failureOf>[0] & Partial<Pick<CompareFailed, "current" | "slot">> };

/** Which calls may travel together: writes, or reads of one level. */
export type Lane = "write" | "strong" | "session" | "eventual";

/** The worst that JSON and UTF-8 make of a character, in bytes. */
const BYTES_A_CHARACTER = 6;
const BYTES_AROUND = 128;

const WRITE_WORDS: CallWords = {
  unknown: "The write may have happened, and may still: read the key to see",
  nothing: "Nothing was written",
};
const READ_WORDS: CallWords = { unknown: "", nothing: "Nothing was read" };

/** One operation that a caller waits for. */
export class Call extends PendingCall<OperationResult | null> {
  readonly operation: Operation;
  readonly lane: Lane;
  /** Characters of key and values. */
  readonly characters: number;
  /** The order of its key; null until it has a place there. */
  line: Line | null = null;

  constructor(operation: Operation, lane: Lane, timeoutMs: number) {
    super(timeoutMs);
    this.operation = operation;
    this.lane = lane;
    this.characters = charactersOf(operation);
  }

  override get isWrite(): boolean {
    return this.lane === "write";
  }

  protected override get words(): CallWords {
    return this.isWrite ? WRITE_WORDS : READ_WORDS;
  }

  /** What it may take in a body, in bytes. */
  get bytes(): number {
    return this.characters * BYTES_A_CHARACTER + BYTES_AROUND;
  }

  /** Takes what a server said of it. @returns whether that settled it */
  take(result: OperationResult | Refused): boolean {
    if (!("error" in result)) {
      this.resolve(result);
      return true;
    }
    const { error } = result;
    if (error.code === "key-not-found" && !this.isWrite) {
      this.resolve(null);
      return true;
    }
    if (error.code === "compare-failed") {
      this.reject(new CompareFailed(this.operation.key, error.current ?? null, error.slot ?? 0));
      return true;
    }
    return this.fail(failureOf(error));
  }
}

function charactersOf(operation: Operation): number {
  const { key } = operation;
  if (operation.type === "put") return key.length + operation.value.length;
  if (operation.type !== "cas") return key.length;
  return key.length + (operation.value?.length ?? 0) + (operation.expected?.length ?? 0);
}
