export type {
  CallOptions as StoreCallOptions,
  Consistency,
  Expectation,
  ReadOptions,
  StoreOptions,
} from "./key-value/options.js";
export type { RangeOptions } from "./key-value/range.js";
export {
  type Compared,
  connectStore,
  type Deleted,
  type Entry,
  type Page,
  type ReadEntry,
  type Store,
  type Written,
} from "./key-value/store.js";
export {
  CompareFailed,
  OutcomeUnknown,
  StoreError,
  type StoreErrorCode,
  type Versioned,
} from "./key-value/store-errors.js";
export type { Watch, WatchEvent, WatchOptions } from "./key-value/watch.js";
