/** What a block does, as servers tell it. */
export interface Operation {
  readonly type: string;
  readonly key: unknown;
  readonly value?: unknown;
}

/** Characters of a key or a value on a card. */
const MOST_SHOWN = 200;

/** What a block does, in three parts: `put`, its key, and its value if it has one. */
export function operationInWords({ type, key, value }: Operation) {
  return { verb: type, key: shortened(key), value: type === "put" ? shortened(value) : null };
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}
