import { isReadOnly } from "./effect.js";
import { MODELS, type Model, type ModelName, type Statement } from "./models.js";
import type { FailedOperation, KeyHistory, Name, Operation } from "./operation.js";
import { shortened } from "./wording.js";

/** A line of a history that means nothing. */
export class MalformedHistory extends Error {
  override readonly name = "MalformedHistory";
  constructor(
    /** Counted from 1. */
    readonly line: number,
    /** What is wrong with it, without the number of the line. */
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** A recorded history, taken apart by key. */
export interface History {
  readonly model: Model;
  /** In the order in which they are first named. */
  readonly keys: readonly KeyHistory[];
  /** Operations that were called, whatever became of them. */
  readonly operationCount: number;
  /** Processes that called any. */
  readonly clientCount: number;
}

/** An operation that was called and has not returned. */
interface Open {
  readonly client: Name;
  readonly key: Name | null;
  readonly call: Statement;
  readonly line: number;
}

interface Collected {
  readonly operations: Operation[];
  readonly failed: FailedOperation[];
}

/** Jepsen's name for what injects faults; its lines tell of no operation. */
const NEMESIS = "nemesis";

const TYPES: readonly unknown[] = ["invoke", "ok", "fail", "info"];

/** Reads a history line by line, so that a long one need not be held as one text. */
export class HistoryReader {
  readonly #model: Model;
  readonly #clients = new Names("process");
  readonly #keyNames = new Names("key");
  readonly #keys = new Map<Name | null, Collected>();
  readonly #open = new Map<Name, Open>();
  #line = 0;
  #operationCount = 0;

  constructor(model: ModelName) {
    this.#model = MODELS[model];
  }

  /**
   * Takes the next line, without the newline at its end. Empty lines say nothing.
   *
   * @throws {MalformedHistory} if the line cannot follow those before it
   */
  add(text: string): void {
    this.#line++;
    const bare = (this.#line === 1 && text.startsWith("\ufeff") ? text.slice(1) : text).trim();
    if (bare === "") return;
    try {
      this.#event(objectIn(bare));
    } catch (error) {
      if (error instanceof MalformedHistory || !(error instanceof Error)) throw error;
      throw new MalformedHistory(this.#line, error.message);
    }
  }

  /** The history so far; operations that have not returned are taken for those of which nobody will ever know. */
  end(): History {
    for (const open of this.#open.values()) this.#keep(open, null, null);
    this.#open.clear();
    const keys = [...this.#keys].map(([key, { operations, failed }]) => ({
      key,
      initial: this.#model.initial,
      operations: operations.sort((one, other) => one.callLine - other.callLine),
      failed,
    }));
    const { size: clientCount } = this.#clients;
    return { model: this.#model, keys, operationCount: this.#operationCount, clientCount };
  }

  #event(event: Readonly<Record<string, unknown>>): void {
    const { type, f, value, swapped } = event;
    if (event["process"] === NEMESIS) return;
    if (!TYPES.includes(type)) throw new Error(`type is invoke, ok, fail or info, not ${JSON.stringify(type)}`);
    const client = this.#clients.read(event["process"], this.#line);
    const { key = null } = event;
    const name = key === null ? null : this.#keyNames.read(key, this.#line);
    if (typeof f !== "string" || !this.#model.operations.includes(f)) {
      const { name: model, operations } = this.#model;
      throw new Error(`f of the model ${model} is ${operations.join(", ")}, not ${JSON.stringify(f)}`);
    }
    const statement = { f, value, swapped };
    if (type === "invoke") this.#call({ client, key: name, call: statement, line: this.#line });
    else this.#close(String(type), client, name, statement);
  }

  #call(called: Open): void {
    const before = this.#open.get(called.client);
    if (before) {
      throw new Error(
        `process ${called.client} calls ${called.call.f} while its ${before.call.f} of line ${before.line} is open`,
      );
    }
    this.#model.checkCall(called.call);
    this.#collected(called.key);
    this.#open.set(called.client, called);
    this.#operationCount++;
  }

  #close(type: string, client: Name, key: Name | null, statement: Statement): void {
    const open = this.#open.get(client);
    if (!open) throw new Error(`process ${client} returns from ${statement.f}, but has no open call`);
    if (open.call.f !== statement.f) {
      throw new Error(`process ${client} returns from ${statement.f}, but called ${open.call.f} on line ${open.line}`);
    }
    // A return may leave the key out; it cannot name another one.
    if (key !== null && key !== open.key) {
      throw new Error(`process ${client} returns with key ${key}, but called with ${open.key} on line ${open.line}`);
    }
    this.#open.delete(client);
    if (type === "ok") this.#keep(open, statement, this.#line);
    else if (type === "info") this.#keep(open, null, null);
    else this.#keepFailed(open);
  }

  #keep({ client, key, call, line }: Open, returned: Statement | null, returnLine: number | null): void {
    const meaning = this.#model.meaning(call, returned);
    // Nothing hangs on whether an operation took effect that changes nothing: it may be taken not to have.
    if (meaning === null || (returned === null && isReadOnly(meaning.effect))) return;
    this.#collected(key).operations.push({ client, ...meaning, callLine: line, returnLine });
  }

  #keepFailed({ client, key, call, line }: Open): void {
    const meaning = this.#model.meaning(call, null);
    if (meaning) this.#collected(key).failed.push({ client, ...meaning, callLine: line, returnLine: this.#line });
  }

  #collected(key: Name | null): Collected {
    const known = this.#keys.get(key);
    if (known) return known;
    const made = { operations: [], failed: [] };
    this.#keys.set(key, made);
    return made;
  }
}

/** Names of one sort. A number and a string that read alike are one name written in two ways, and no two names. */
class Names {
  readonly #sort: string;
  readonly #seen = new Map<string, { readonly type: string; readonly line: number }>();

  constructor(sort: string) {
    this.#sort = sort;
  }

  get size(): number {
    return this.#seen.size;
  }

  read(name: unknown, line: number): Name {
    if (typeof name !== "string" && !Number.isSafeInteger(name)) {
      throw new Error(`${this.#sort} is a string or a whole number, not ${JSON.stringify(name)}`);
    }
    const type = typeof name;
    const seen = this.#seen.get(String(name));
    if (!seen) this.#seen.set(String(name), { type, line });
    else if (seen.type !== type) {
      throw new Error(`${this.#sort} ${name} is a ${type} here and a ${seen.type} on line ${seen.line}`);
    }
    return name as Name;
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`no JSON: ${shortened(text, 60)}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error("a line is a JSON object");
}

/**
 * Reads a history that is at hand as one text.
 *
 * @throws {MalformedHistory} naming the first line that means nothing
 */
export function readHistory(model: ModelName, text: string): History {
  const reader = new HistoryReader(model);
  for (const line of text.split("\n")) reader.add(line);
  return reader.end();
}
