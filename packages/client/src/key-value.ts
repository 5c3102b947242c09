export type { CallOptions as StoreCallOptions } from "./calls/options.js";
export {
  CompareFailed,
  OutcomeUnknown,
  StoreError,
  type StoreErrorCode,
  type Versioned,
} from "./calls/store-errors.js";
export type {
  Consistency,
  Expectation,
  ReadOptions,
  StoreOptions,
  WriteOptions,
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
export type { Watch, WatchEvent, WatchOptions } from "./key-value/watch.js";
