/**
 * Whether an answer is one of a store: any program may listen where a gateway did, and many answer whatever they are asked
 * with 200 and some JSON. What is told of a write, above all that it was done, must come from a store.
 */

type Fields = Readonly<Record<string, unknown>>;

/** To `PUT` and `DELETE` of this key: it was applied. */
export function isApplied(key: string): (body: Fields) => boolean {
  return (body) => body["key"] === key && isSlot(body["slot"]);
}

/** To `GET` of this key. */
export function isOfKey(key: string): (body: Fields) => boolean {
  return (body) => body["key"] === key && typeof body["value"] === "string" && isSlot(body["slot"]);
}

/** To `GET` of many keys. */
export function isPage({ entries, next, slot }: Fields): boolean {
  return (
    Array.isArray(entries) && entries.every(isEntry) && (next === null || typeof next === "string") && isSlot(slot)
  );
}

/** To `GET /status` of a gateway. */
export function isStatus({ leader, quorum }: Fields): boolean {
  return (leader === null || typeof leader === "string") && typeof quorum === "boolean";
}

function isEntry(entry: unknown): boolean {
  const { key, value } = (entry ?? {}) as Fields;
  return typeof key === "string" && typeof value === "string";
}

function isSlot(value: unknown): boolean {
  return Number.isSafeInteger(value);
}
