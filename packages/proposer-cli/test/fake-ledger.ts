import type { LedgerAnswer } from "@synod/client";
import { type Asked, type FakeAnswer, type FakeServer, fakeServer, refusal } from "./fake-cluster.ts";

interface BlockBody {
  readonly operation: { readonly type: "get" | "put"; readonly key: unknown; readonly value?: unknown };
  readonly session: { readonly client: string; readonly openedAt: number; readonly sequence: number };
  readonly timeout_ms: number;
}

/** A server of a ledger over a chain in memory, that does one thing after the other. */
export interface FakeLedger extends FakeServer {
  readonly blocks: BlockBody["operation"][];
  /** What the next requests for blocks are answered instead, one each. */
  readonly instead: ((body: BlockBody) => FakeAnswer | Promise<FakeAnswer>)[];
}

export const HASH = "ab".repeat(32);

export async function fakeLedger(): Promise<FakeLedger> {
  const blocks: FakeLedger["blocks"] = [];
  const instead: FakeLedger["instead"] = [];
  const values = new Map<string, unknown>();
  const carryOut = ({ operation, session }: BlockBody): LedgerAnswer => {
    const key = JSON.stringify(operation.key);
    const height = blocks.push(operation);
    const found = values.get(key);
    if (operation.type === "put") values.set(key, operation.value);
    const answer = operation.type === "put" ? "success" : found === undefined ? "KEY_DOES_NOT_EXIST" : "value";
    const requestId = `${session.client}/${session.openedAt}/${session.sequence}`;
    const value = answer === "value" ? (found as LedgerAnswer["value"]) : null;
    return { answer, value, height, hash: HASH, requestId, nonce: 3, slot: height + 1 };
  };
  const answer = ({ method, path, body }: Asked): FakeAnswer | Promise<FakeAnswer> => {
    if (path === "/livez") return { body: {} };
    if (method !== "POST") return refusal("not-found", `there is no ${path}`);
    if (path === "/ledger/sessions") {
      return { body: { client: (body as { client: string }).client, openedAt: 1, firstSequence: 2, slot: 1 } };
    }
    if (path !== "/ledger/blocks") return refusal("not-found", `there is no ${path}`);
    const next = instead.shift();
    return next ? next(body as BlockBody) : { body: carryOut(body as BlockBody) };
  };
  return Object.assign(await fakeServer(answer), { blocks, instead });
}
