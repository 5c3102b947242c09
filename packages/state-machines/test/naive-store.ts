import type { KeyValueChange, KeyValueEntry, KeyValueOperation, RangeQuery, VersionedValue } from "../src/index.ts";

/** A store as one would write it in a minute: a Map, sorted at each question. */
export class NaiveStore {
  readonly entries = new Map<string, VersionedValue>();

  apply(slot: number, operation: KeyValueOperation): { result: unknown; changes: KeyValueChange[] } {
    const { key } = operation;
    const previous = this.entries.get(key) ?? null;
    if (operation.type === "cas") {
      const asExpected =
        "expected" in operation
          ? operation.expected === (previous === null ? null : previous.value)
          : previous !== null && previous.revision === operation.expectedRevision;
      if (!asExpected) return { result: { succeeded: false, current: previous }, changes: [] };
    }
    const value = operation.type === "delete" ? null : operation.value;
    if (value === null) this.entries.delete(key);
    else this.entries.set(key, { value, revision: slot });
    const type = value === null ? "delete" : "put";
    const changes: KeyValueChange[] = value === null && previous === null ? [] : [{ revision: slot, key, value, type }];
    const asked = operation.previous ? { previous } : {};
    if (operation.type === "put") return { result: { revision: slot, ...asked }, changes };
    if (operation.type === "delete") return { result: { deleted: previous !== null, ...asked }, changes };
    return { result: { succeeded: true, revision: slot, ...asked }, changes };
  }

  /** All of a range, of all pages. */
  range({ prefix, from, to, after }: RangeQuery): KeyValueEntry[] {
    return [...this.entries]
      .filter(([key]) => prefix === undefined || key.startsWith(prefix))
      .filter(([key]) => (from === undefined || key >= from) && (to === undefined || key < to))
      .filter(([key]) => after === undefined || key > after)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, { value, revision }]) => ({ key, value, revision }));
  }
}
