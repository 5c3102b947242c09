import type { Random, Slot } from "@synod/consensus";
import {
  canonicalText,
  findNonce,
  hashOf,
  isProof,
  type Json,
  type LedgerCommand,
  ledgerCommandJson,
  requestIdOf,
  type SessionPosition,
} from "@synod/state-machines";
import { type Asking, type MachineModel, oneOf, type Service } from "../multipaxos/service.js";

/** Some of them are equal, in different writing; and some are no names that a program would like. */
const KEYS: readonly Json[] = ["alice", "a key - with signs", 7, { first: 1, second: [2] }, { second: [2], first: 1 }];
/** Whoever does the work begins somewhere below this nonce. */
const FIRST_NONCES = 1000;
/** With `MOST_DIFFICULTY`, a run of the worst luck is ten times as short. */
const MOST_TRIES = 1_000_000;

/** The most zero bits that a run asks for: each doubles the work. */
export const MOST_DIFFICULTY = 8;

/** Gets and puts of a few keys, with the work done; and now and then one without. */
class LedgerAsking implements Asking {
  readonly #random: Random;
  readonly #difficulty: number;
  /** The time, and what makes each value another one. */
  #asked = 0;

  constructor(random: Random, difficulty: number) {
    this.#random = random;
    this.#difficulty = difficulty;
  }

  write(): Json {
    const die = this.#random.below(10);
    if (die < 5) return this.put();
    const get = { type: "get", key: oneOf(this.#random, KEYS) } as const;
    return this.#command(get, die < 9);
  }

  put(): Json {
    return this.#command({ type: "put", key: oneOf(this.#random, KEYS), value: `v${this.#asked + 1}` }, true);
  }

  query(): Json {
    return this.#random.below(4) === 0 ? { type: "map", limit: 2 } : { type: "head" };
  }

  /** Another server does the work anew, at another time. */
  again(command: Json): Json {
    return this.#command((command as unknown as LedgerCommand).operation, true);
  }

  #command(operation: LedgerCommand["operation"], isWorkDone: boolean): Json {
    const proposer = `server${1 + this.#random.below(3)}`;
    const nonce = this.#nonce(operation, isWorkDone);
    return ledgerCommandJson({ operation, nonce, proposer, time: ++this.#asked });
  }

  #nonce(operation: LedgerCommand["operation"], isWorkDone: boolean): number {
    let nonce = this.#random.below(FIRST_NONCES);
    if (isWorkDone) return findNonce(operation, this.#difficulty, nonce, MOST_TRIES) ?? 0;
    while (isProof(operation, nonce, this.#difficulty)) nonce++;
    return nonce;
  }
}

interface ModelBlock {
  readonly slot: Slot;
  readonly hash: string;
}

interface Version {
  readonly height: number;
  readonly valueText: string;
}

/** The ledger as an array and a map; of the machine that learners have it shares how a block is hashed, and no more. */
class LedgerModel implements MachineModel {
  readonly #difficulty: number;
  readonly #blocks: ModelBlock[] = [];
  readonly #versions = new Map<string, Version[]>();

  constructor(difficulty: number) {
    this.#difficulty = difficulty;
  }

  isOperation(command: Json): boolean {
    const { operation, nonce } = command as unknown as LedgerCommand;
    return isProof(operation, nonce, this.#difficulty);
  }

  /** Each command has a time of its own, and it is still another one when it comes to another server. */
  markOf(command: Json): string {
    return `time ${(command as unknown as LedgerCommand).time}`;
  }

  carryOut(slot: Slot, command: Json, position: SessionPosition): Json {
    const { operation, nonce, proposer, time } = command as unknown as LedgerCommand;
    const height = this.#blocks.length + 1;
    const requestId = requestIdOf(position);
    const previousHash = this.#blocks.at(-1)?.hash ?? null;
    const hash = hashOf({ height, operation, requestId, proposer, time, nonce, previousHash });
    this.#blocks.push({ slot, hash });
    const named = { height, hash, requestId, nonce };
    const keyText = canonicalText(operation.key) ?? "";
    const versions = this.#versions.get(keyText) ?? [];
    if (operation.type === "put") {
      this.#versions.set(keyText, versions);
      versions.push({ height, valueText: canonicalText(operation.value) ?? "" });
      return { ...named, answer: "success" };
    }
    const found = versions.at(-1);
    if (found === undefined) return { ...named, answer: "KEY_DOES_NOT_EXIST" };
    return { ...named, answer: "value", value: JSON.parse(found.valueText) };
  }

  answer(query: Json, slot: Slot | 0): Json {
    let height = this.#blocks.length;
    while ((this.#blocks[height - 1]?.slot ?? 0) > slot) height--;
    const hash = this.#blocks[height - 1]?.hash ?? null;
    const spelled = this.#spelledBy(height);
    const { type, limit = 0 } = query as { readonly type: string; readonly limit?: number };
    if (type === "head") return { height, hash, keys: spelled.length, difficulty: this.#difficulty };
    const page = spelled.slice(0, limit);
    const entries = page.map(([keyText, { valueText, height: putAt }]) => ({
      key: JSON.parse(keyText),
      value: JSON.parse(valueText),
      height: putAt,
    }));
    return { entries, next: spelled.length > limit ? (page.at(-1)?.[0] ?? null) : null, height, hash };
  }

  get rows(): Json[] {
    const height = this.#blocks.length;
    const entries = this.#spelledBy(height).map(([keyText, { valueText, height: at }]) => [keyText, valueText, at]);
    return [[this.#difficulty, height, this.#blocks.at(-1)?.hash ?? null], ...entries];
  }

  /** The map that the chain up to this block spells, in the order of the keys' texts. */
  #spelledBy(height: number): (readonly [keyText: string, Version])[] {
    return [...this.#versions.keys()].sort().flatMap((keyText) => {
      const versions = this.#versions.get(keyText) ?? [];
      let place = versions.length - 1;
      while ((versions[place]?.height ?? 0) > height) place--;
      const version = versions[place];
      return version ? [[keyText, version] as const] : [];
    });
  }
}

/** A ledger of this difficulty, as clients of a simulation use it. */
export function ledgerService(difficulty: number): Service {
  return { asking: (random) => new LedgerAsking(random, difficulty), model: () => new LedgerModel(difficulty) };
}
