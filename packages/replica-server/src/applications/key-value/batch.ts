import { NotServed, RequestRefused } from "@synod/acceptor-server";
import { problem } from "@synod/api";
import type { CompareResult, KeyValueOperation, SessionPosition } from "@synod/state-machines";
import type { HowToRead, Written } from "../../people/log-calls.js";
import type { KeyValueService, WriteResult } from "./key-value-service.js";
import { compared, found } from "./outcomes.js";

/** An operation of a batch that is understood. */
export type BatchOperation = { readonly type: "get"; readonly key: string } | KeyValueOperation;

/** What came of one operation. */
export interface OperationResult {
  readonly type: BatchOperation["type"];
  readonly key: string;
  readonly [member: string]: unknown;
}

/** An operation, its place in the client's own session if it is a write there, and what came of it. */
interface Item<O extends BatchOperation = BatchOperation> {
  readonly operation: O;
  readonly session: SessionPosition | null;
  result: OperationResult | null;
}

/** Operations that came in one request, while they are carried out: each is a command, or a read, of its own. */
export class Batch {
  readonly #service: KeyValueService;
  readonly #how: HowToRead;
  readonly #items: readonly Item[];
  #seen: number | null;
  #messages = 0;
  #sharedBy = 1;
  /** Why this server did not take some of them. */
  readonly #notServed: NotServed[] = [];

  /** @param session the place of the first write in the client's own session, if it has one: each write takes the next */
  constructor(
    service: KeyValueService,
    operations: readonly BatchOperation[],
    how: HowToRead,
    session: SessionPosition | null,
  ) {
    this.#service = service;
    this.#how = how;
    this.#items = numbered(operations, session);
    this.#seen = how.token;
  }

  /** What the answers cost so far, all together. */
  get cost() {
    return { messages: this.#messages, sharedBy: this.#sharedBy };
  }

  /** What came of those that were tried, in their order. */
  get results(): OperationResult[] {
    return this.#items.flatMap(({ result }) => result ?? []);
  }

  /**
   * One after the other, up to the first that fails: one whose outcome is unknown may yet happen after the next.
   *
   * @throws {NotServed} if this server took none of them
   */
  async inOrder(): Promise<void> {
    for (const item of this.#items) {
      await this.#carryOut([item]);
      this.#refuseIfNothingWasTaken();
      if (isFailure(item)) return;
    }
  }

  /**
   * In rounds: the first on each key at the same time, then what comes second on its key, and so on; on each key up to the
   * first that fails.
   *
   * @throws {NotServed} if this server took none of them
   */
  async byKey(): Promise<void> {
    const failed = new Set<string>();
    for (let left = this.#items; left.length > 0; ) {
      const { first, others } = firstOfEachKey(left);
      await this.#carryOut(first);
      this.#refuseIfNothingWasTaken();
      for (const item of first) if (isFailure(item)) failed.add(item.operation.key);
      // One before it on its key may yet happen: after that one nothing may.
      for (const item of others) if (failed.has(item.operation.key)) item.result = untried(item.operation);
      left = failed.size === 0 ? others : others.filter(({ result }) => result === null);
    }
  }

  /** Carries these out, all at the same time. */
  async #carryOut(items: readonly Item[]): Promise<void> {
    const reads = items.filter(({ operation }) => operation.type === "get").map((item) => this.#read(item));
    const writes = items.filter(isWrite);
    await Promise.all([this.#write(writes), ...reads]);
  }

  async #read(item: Item): Promise<void> {
    const { type, key } = item.operation;
    const { level, label, timeoutMs } = this.#how;
    try {
      const read = await this.#service.read({ type: "get", key }, { level, label, timeoutMs, token: this.#seen });
      const { slot, token, learner, cost } = read;
      this.#pay(cost, token);
      const { value, revision } = found(key, read);
      item.result = { type, key, value, revision, slot, token, learner };
    } catch (error) {
      this.#fail(item, error);
    }
  }

  async #write(items: readonly Item<KeyValueOperation>[]): Promise<void> {
    const outcomes = await this.#service.writeAll(items, this.#how);
    for (const [place, item] of items.entries()) {
      try {
        item.result = this.#written(item.operation, outcomes[place] as (typeof outcomes)[number]);
      } catch (error) {
        this.#fail(item, error);
      }
    }
  }

  /** @throws {RequestRefused | NotServed} if it came to nothing, or nobody knows */
  #written({ type, key }: KeyValueOperation, outcome: Written<WriteResult> | Error): OperationResult {
    if (outcome instanceof Error) throw outcome;
    const { result, slot, token, cost } = outcome;
    this.#pay(cost, token);
    // The machine gives each operation the result of its kind.
    if (type !== "cas") return { type, key, ...result, slot, token };
    const { succeeded: _, ...held } = compared(key, outcome as Written<CompareResult>);
    return { type, key, ...held, slot, token };
  }

  /** @throws {unknown} what is no refusal */
  #fail(item: Item, error: unknown): void {
    const { type, key } = item.operation;
    if (error instanceof RequestRefused) item.result = { type, key, error: error.problem };
    else if (error instanceof NotServed) {
      this.#notServed.push(error);
      item.result = { type, key, error: problem(error.code, error.message) };
    } else throw error;
  }

  /** @throws {NotServed} if this server took none of those that were tried: then the request as a whole is refused */
  #refuseIfNothingWasTaken(): void {
    const [why] = this.#notServed;
    if (why !== undefined && this.#notServed.length === this.results.length) throw why;
  }

  #pay(cost: { readonly messages: number; readonly sharedBy: number }, token: number): void {
    this.#messages += cost.messages;
    this.#sharedBy = Math.max(this.#sharedBy, cost.sharedBy);
    this.#seen = Math.max(this.#seen ?? 0, token);
  }
}

function numbered(operations: readonly BatchOperation[], session: SessionPosition | null): Item[] {
  let writes = 0;
  return operations.map((operation) => {
    if (session === null || operation.type === "get") return { operation, session: null, result: null };
    const { client, openedAt, sequence, firstUnacknowledged } = session;
    const position = { client, openedAt, sequence: sequence + writes++, firstUnacknowledged };
    return { operation, session: position, result: null };
  });
}

function isWrite(item: Item): item is Item<KeyValueOperation> {
  return item.operation.type !== "get";
}

/** Parts them into those that are the first on their keys, and the others. */
function firstOfEachKey(items: readonly Item[]): { readonly first: readonly Item[]; readonly others: readonly Item[] } {
  const keys = new Set<string>();
  const first: Item[] = [];
  const others: Item[] = [];
  for (const item of items) {
    const { key } = item.operation;
    if (keys.has(key)) others.push(item);
    else first.push(item);
    keys.add(key);
  }
  return { first, others };
}

function untried({ type, key }: BatchOperation): OperationResult {
  const detail = "it was not tried, since an operation before it on the same key failed: send it again after that one";
  return { type, key, error: problem("not-tried", detail) };
}

/** An absent key and a comparison that failed are answers like any other. */
function isFailure({ result }: Item): boolean {
  const code = (result?.["error"] as { readonly code?: string } | undefined)?.code;
  return code !== undefined && code !== "key-not-found" && code !== "compare-failed";
}
