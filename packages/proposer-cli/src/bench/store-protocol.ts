import type { Level, OperationName, TargetName } from "./options.js";

/** A request as HTTP has it. */
export interface StoreRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Path and query. */
  readonly path: string;
  /** JSON in ASCII; empty for none. */
  readonly body: string;
}

/** What came of a request. */
export type Outcome =
  | { readonly kind: "done" }
  | {
      readonly kind: "failed";
      /** What went wrong, for counting. */
      readonly code: string;
      /** It certainly had no effect. */
      readonly definite: boolean;
    };

/** How one kind of store is spoken to. */
export interface StoreProtocol {
  readonly name: TargetName;
  put(key: string, value: string): StoreRequest;
  get(key: string, level: Level): StoreRequest;
  /** Of an answer that is `done`. @returns what was read; null if there is no such key */
  valueIn(body: string): string | null;
  /** What an answer says that does not say 2xx. That there is no such key is an answer as good as any. */
  outcomeOf(status: number, body: string): Outcome;
  /** What removes these keys, a request each; all of them begin with the prefix, and nothing else does. */
  removal(keys: readonly string[], prefix: string): StoreRequest[];
}

/** @returns the request of an operation */
export function requestFor(
  protocol: StoreProtocol,
  operation: OperationName,
  key: string,
  value: string,
  level: Level,
): StoreRequest {
  return operation === "put" ? protocol.put(key, value) : protocol.get(key, level);
}
