import { createHash } from "node:crypto";
import type { Json, LedgerCommand } from "../src/index.ts";

/** Canonical JSON as one would write it in a minute, for values that have it. */
export function naiveText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(naiveText).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [name: string]: Json });
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, member]) => `${JSON.stringify(name)}:${naiveText(member)}`).join()}}`;
}

/** SHA-256 by another implementation than the ledger's. */
export function naiveHash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The proof of work as the original tells it, with numbers as large as they get. */
export function naiveProof(operation: Json, nonce: number, difficulty: number): boolean {
  const digest = BigInt(`0x${naiveHash(`${naiveText(operation)}|${nonce}`)}`);
  return digest % 10n <= 2n && digest.toString(2).padStart(256, "0").startsWith("0".repeat(difficulty));
}

/** A chain and a map, as arrays and objects. */
export class NaiveLedger {
  readonly blocks: { readonly height: number; readonly hash: string; readonly [name: string]: Json }[] = [];
  readonly map = new Map<string, { readonly key: Json; readonly value: Json; readonly height: number }>();

  apply({ operation, nonce, proposer, time }: LedgerCommand, requestId: string): Json {
    const previousHash = this.blocks.at(-1)?.hash ?? null;
    const height = this.blocks.length + 1;
    const content = { height, operation: operation as Json, requestId, proposer, time, nonce, previousHash };
    const hash = naiveHash(naiveText(content));
    this.blocks.push({ ...content, hash });
    const named = { height, hash, requestId, nonce };
    const key = naiveText(operation.key);
    if (operation.type === "put") {
      this.map.set(key, { key: operation.key, value: operation.value, height });
      return { ...named, answer: "success" };
    }
    const found = this.map.get(key);
    return found ? { ...named, answer: "value", value: found.value } : { ...named, answer: "KEY_DOES_NOT_EXIST" };
  }
}
