import { Random } from "@synod/consensus";
import type { ModelName } from "./models.js";

/** What a sample of a history is to be like. */
export interface SampleOptions {
  /** An integer 0..2^53-1: the same seed, the same history. */
  readonly seed: number;
  readonly model: ModelName;
  readonly operations: number;
  /** How many clients there are at any time; one that loses sight of an operation is followed by another. */
  readonly clients: number;
  readonly keys: number;
  /** How many values there are to write; 0: every write writes a value of its own, and there is no cas. */
  readonly values: number;
  /** Of a thousand operations, how many end with an outcome that nobody knows. */
  readonly lostPerThousand?: number;
  /** Of a thousand reads, how many return what was there some writes ago. */
  readonly stalePerThousand?: number;
}

/** How many writes ago a stale read comes from, at most. */
const STALENESS = 20;

/** An operation that was called, and what it returns, once it has taken effect. */
interface Called {
  readonly f: string;
  readonly key: string;
  readonly value: unknown;
  returned: Readonly<Record<string, unknown>> | null;
}

/**
 * The lines of a history to try a checker with: of a store each of whose operations takes effect at one moment between
 * its call and its return, so that it is linearizable, unless stale reads are asked for.
 */
export function sampleHistory(options: SampleOptions): string[] {
  const random = Random.fromSeed(options.seed);
  const store = new Store();
  const open = new Map<number, Called>();
  const clients = Array.from({ length: options.clients }, (_, client) => client);
  const lines: string[] = [];
  let nextClient = options.clients;
  let called = 0;
  const say = (client: number, type: string, { f, key }: Called, more: object) => {
    lines.push(JSON.stringify({ ["process"]: client, type, f, key, ...more }));
  };
  while (called < options.operations || open.size > 0) {
    const place = random.below(clients.length);
    const client = clients[place] ?? 0;
    const operation = open.get(client);
    if (operation === undefined) {
      if (called === options.operations) continue;
      const next = nextOperation(options, random, called++);
      open.set(client, next);
      say(client, "invoke", next, { value: next.value });
    } else if (operation.returned === null) {
      operation.returned = store.take(operation, random.below(1000) < (options.stalePerThousand ?? 0));
      if (random.below(1000) >= (options.lostPerThousand ?? 0)) continue;
      say(client, "info", operation, {});
      open.delete(client);
      clients[place] = nextClient++;
    } else {
      say(client, "ok", operation, operation.returned);
      open.delete(client);
    }
  }
  return lines;
}

/** Half of all operations read. */
function nextOperation({ model, keys, values }: SampleOptions, random: Random, number: number): Called {
  const key = `k${random.below(keys)}`;
  const fresh = values === 0 ? number : random.below(values);
  const drawn = random.below(10);
  const operation = (f: string, value: unknown): Called => ({ f, key, value, returned: null });
  if (model === "register") {
    if (drawn < 5) return operation("read", null);
    if (drawn < 8 || values === 0) return operation("write", fresh);
    return operation("cas", [random.below(values), fresh]);
  }
  if (drawn < 5) return operation("get", null);
  return operation(drawn === 5 ? "put" : "append", `(${fresh})`);
}

/** What is there, and what was there before. */
class Store {
  readonly #present = new Map<string, unknown>();
  readonly #past = new Map<string, unknown[]>();

  /** An operation takes effect. Returns what it is to return. */
  take({ f, key, value }: Called, isStale: boolean): Readonly<Record<string, unknown>> {
    const present = this.#present.get(key) ?? (f === "get" || f === "append" ? "" : null);
    switch (f) {
      case "read":
      case "get":
        return { value: isStale ? (this.#past.get(key)?.[0] ?? present) : present };
      case "cas": {
        const [from, to] = value as [unknown, unknown];
        if (from === present) this.#put(key, present, to);
        return { value, swapped: from === present };
      }
      default:
        this.#put(key, present, f === "append" ? `${present}${value}` : value);
        return { value };
    }
  }

  #put(key: string, before: unknown, value: unknown): void {
    this.#past.set(key, [...(this.#past.get(key) ?? []), before].slice(-STALENESS));
    this.#present.set(key, value);
  }
}
