import { join } from "node:path";
import { NotServed, RequestRefused } from "@synod/acceptor-server";
import { invariant } from "@synod/consensus";
import { type Block, blockRecord, type ChainHead } from "@synod/state-machines";
import { checkedBlock, damaged, refuseOtherChain } from "./chain-damage.js";
import { ChainFile } from "./chain-file.js";

/** Fetches what is missing between two blocks from somewhere else. */
export interface GapFiller {
  /**
   * Appends the blocks after `from`, which is the last one in the file, up to `goal`; or leaves the file as it was.
   *
   * @returns false if the signal ended it
   * @throws {Error} if the file cannot be written
   */
  fill(file: ChainFile, from: ChainHead, goal: ChainHead, signal: AbortSignal): Promise<boolean>;
}

export interface ChainStoreOptions {
  /** The file is in it. */
  readonly folder: string;
  /** The last block that the state counts on: what the file has beyond it comes again. */
  readonly head: ChainHead;
  readonly gaps: GapFiller;
  /** Hears that the file cannot be written: nothing is known of it any more. */
  readonly onFailure: (failure: NotServed) => void;
  readonly limits?: Partial<ChainStoreLimits>;
}

export interface ChainStoreLimits {
  /** Blocks that wait behind a gap; of more, those that wait are fetched, too. */
  readonly waitingBlocks: number;
}

export const CHAIN_FILE = "blocks.jsonl";

const LIMITS: ChainStoreLimits = { waitingBlocks: 50_000 };

/** Blocks that are made records at a time, and the characters of those: everything else waits meanwhile. */
const BATCH_BLOCKS = 1000;
const BATCH_CHARACTERS = 512 * 1024;

/** Characters of records in one answer, unless its first alone is longer. */
const PAGE_CHARACTERS = 1024 * 1024;

interface Waiting {
  readonly height: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The chain of one server: its blocks in a file, written behind their being applied. What waits to be written is read
 * from memory.
 *
 * Always: the blocks in the file up to `recorded` are those that were applied here, or lead to one that was; what waits
 * begins after `#base`, which is `recorded` but where blocks between the two have to be fetched first.
 */
export class ChainStore {
  readonly #file: ChainFile;
  readonly #options: ChainStoreOptions;
  readonly #limits: ChainStoreLimits;
  readonly #stop = new AbortController();
  /** The last block in the file. */
  #recorded: ChainHead;
  /** The block below the first of those that wait. */
  #base: ChainHead;
  #queue: Block[] = [];
  /** Everything up to this height is on disk for good. */
  #synced: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #failure: NotServed | null = null;

  private constructor(file: ChainFile, options: ChainStoreOptions) {
    this.#file = file;
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#recorded = options.head;
    this.#base = options.head;
    this.#synced = options.head.height;
  }

  /**
   * Opens the chain of a state, and cuts off what the state does not count on: it comes again from the log.
   *
   * @throws {StoreRefused} if the file does not lead to the state's last block
   * @throws {Error} Node's, if it cannot be used
   */
  static async open(options: ChainStoreOptions): Promise<ChainStore> {
    const { folder, head } = options;
    const file = await ChainFile.open(join(folder, CHAIN_FILE), head.height);
    try {
      await refuseOtherChain(file, head);
      await file.cut(head.height);
      return new ChainStore(file, options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get path(): string {
    return this.#file.path;
  }

  /** The last block that was applied here. */
  get head(): ChainHead {
    return this.#queue.at(-1) ?? this.#base;
  }

  /** Blocks in the file. */
  get recorded(): number {
    return this.#recorded.height;
  }

  /** Blocks between those in the file and those that wait, which are being fetched. */
  get missing(): number {
    return this.#base.height - this.#recorded.height;
  }

  /** A block was applied. */
  add(block: Block): void {
    const { height, hash } = this.head;
    invariant(block.height === height + 1 && block.previousHash === hash, "each block is added on top of the last one");
    this.#queue.push(block);
    if (this.missing > 0 && this.#queue.length > this.#limits.waitingBlocks) {
      this.#base = this.head;
      this.#queue = [];
    }
    this.#work();
  }

  /** The state was replaced by one of another server, whose last block this is: the blocks up to there are fetched. */
  leapTo(head: ChainHead): void {
    const { height, hash } = this.head;
    if (head.height === height && head.hash === hash) return;
    invariant(head.height > height, "a chain only ever grows");
    this.#base = head;
    this.#queue = [];
    this.#work();
  }

  /**
   * Resolves once the file holds the chain up to this height for good.
   *
   * @throws {NotServed} if that will not be
   */
  async durable(height: number): Promise<void> {
    await this.#isRecorded(height);
    if (this.#synced >= height) return;
    const through = this.#recorded.height;
    try {
      await this.#file.sync();
    } catch (error) {
      throw this.#fail(error);
    }
    this.#synced = Math.max(this.#synced, through);
  }

  /**
   * These records, some at a time, to the byte as they are, without line feeds.
   *
   * @param from 1 at least @param through at most the head's height
   * @throws {RequestRefused | NotServed} while iterating, if some are not here yet, or nothing is known of the file
   */
  async *records(from: number, through: number): AsyncGenerator<readonly Buffer[]> {
    for (let next = from; next <= through; ) {
      if (this.#failure) throw this.#failure;
      if (next <= this.recorded) {
        const last = Math.min(through, this.recorded);
        yield* this.#file.read(next, last);
        next = last + 1;
        continue;
      }
      const skipped = next - 1 - this.#base.height;
      if (skipped < 0) throw this.#notHere(next);
      const records = someRecords(this.#queue.slice(skipped, skipped + Math.min(BATCH_BLOCKS, through - next + 1)));
      next += records.length;
      yield records.map((record) => Buffer.from(record));
    }
  }

  /**
   * The blocks from this height on, each of them checked: at most so many, and fewer if they are long.
   *
   * @throws {RequestRefused} `chain-damaged` if a record is not the block it was; else as `records`
   */
  async blocks(from: number, limit: number): Promise<readonly Block[]> {
    const through = Math.min(this.head.height, from + limit - 1);
    const blocks: Block[] = [];
    let characters = 0;
    for await (const records of this.records(from, through)) {
      for (const record of records) {
        characters += record.length;
        if (characters > PAGE_CHARACTERS && blocks.length > 0) return blocks;
        blocks.push(checkedBlock(this.#file, record.toString("utf8"), from + blocks.length));
      }
    }
    if (from + blocks.length <= through) throw damaged(this.#file, from + blocks.length, "it is not there");
    return blocks;
  }

  /** Writes nothing more. What waits for `durable` is rejected. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#rejectAll(new NotServed("stopping", "the server is stopping; ask another one"));
    await this.#writing;
    await this.#file.close();
  }

  // --- Writing -------------------------------------------------------------------------------------------------------

  #work(): void {
    if (this.#stop.signal.aborted || this.#failure) return;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    // What else is applied in this turn of the event loop shares the first write.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (!this.#stop.signal.aborted && (this.missing > 0 || this.#queue.length > 0)) {
        if (this.missing > 0) await this.#fillGap();
        else await this.#writeSome();
        this.#resolveRecorded();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #writeSome(): Promise<void> {
    const records = someRecords(this.#queue.slice(0, BATCH_BLOCKS));
    const last = this.#queue[records.length - 1] ?? this.#recorded;
    await this.#file.append(records);
    this.#recorded = { height: last.height, hash: last.hash };
    // Meanwhile the chain may have leapt: then nothing of this waits any more.
    if (this.#base.height > last.height) return;
    this.#queue.splice(0, last.height - this.#base.height);
    this.#base = this.#recorded;
  }

  async #fillGap(): Promise<void> {
    const goal = this.#base;
    const isFilled = await this.#options.gaps.fill(this.#file, this.#recorded, goal, this.#stop.signal);
    invariant(!isFilled || this.#file.count === goal.height, "a gap is filled up to its end");
    if (isFilled) this.#recorded = goal;
  }

  #fail(error: unknown): NotServed {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${this.path}: ${reason}. Nothing is answered any more; mend it and restart.`;
    const failure = this.#failure ?? new NotServed("storage-failed", message, { cause: error });
    if (this.#failure) return failure;
    this.#failure = failure;
    this.#rejectAll(failure);
    this.#options.onFailure(failure);
    return failure;
  }

  // --- Waiting -------------------------------------------------------------------------------------------------------

  async #isRecorded(height: number): Promise<void> {
    invariant(height <= this.head.height, "nobody waits for a block that was never applied");
    if (this.#failure) throw this.#failure;
    if (this.#stop.signal.aborted) throw new NotServed("stopping", "the server is stopping; ask another one");
    if (height <= this.recorded) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ height, resolve, reject }));
  }

  #resolveRecorded(): void {
    for (const { height, resolve } of this.#waiting) if (height <= this.recorded) resolve();
    this.#waiting = this.#waiting.filter(({ height }) => height > this.recorded);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  // --- Reading -------------------------------------------------------------------------------------------------------

  #notHere(height: number): RequestRefused {
    const [first, last] = [this.recorded + 1, this.#base.height];
    return new RequestRefused(
      "not-caught-up",
      `block ${height} is not here yet: this server fetches the blocks ${first}..${last} from the others`,
    );
  }
}

/** The first of these blocks as records: one at least, and as many as fit into a batch. */
function someRecords(blocks: readonly Block[]): readonly string[] {
  const records: string[] = [];
  let characters = 0;
  for (const block of blocks) {
    if (characters >= BATCH_CHARACTERS) break;
    const record = blockRecord(block);
    records.push(record);
    characters += record.length;
  }
  return records;
}
