/**
 * Plain data as text: equal data gives equal text, in whatever order the properties of an object were set. The encoding
 * is JSON with sorted keys; a property that is undefined is left out.
 *
 * @throws {TypeError} for what is no plain data (a Set, a function, NaN): JSON would lose it, and take for equal what is not
 */
export function canonicalText(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value === "object") return canonicalObject(value);
  const isPlain = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (!isPlain) throw new TypeError(`${String(value)} is no plain data: states and messages are what JSON can tell`);
  return JSON.stringify(value);
}

function canonicalObject(value: object): string {
  const kind = Object.getPrototypeOf(value);
  if (kind !== Object.prototype && kind !== null) {
    throw new TypeError(`a ${kind.constructor?.name} is no plain data: states and messages are what JSON can tell`);
  }
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${canonicalText(held)}`).join(",")}}`;
}

/** Whether two are the same as JSON. */
export function isSame(one: unknown, other: unknown): boolean {
  // Mostly even the order of the names is the same.
  return JSON.stringify(one) === JSON.stringify(other) || canonicalText(one) === canonicalText(other);
}
