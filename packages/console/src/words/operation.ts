/** What a block does, as servers tell it. */
export interface Operation {
  readonly type: string;
  readonly key: unknown;
  readonly value?: unknown;
}

/** Characters of a key or a value on a card. */
const MOST_SHOWN = 200;

/** Signs that turn round the writing after them, also what does not belong to the value. */
const TURNS_ROUND = /\p{Bidi_Control}/gu;

/** What a block does, in three parts: `put`, its key, and its value if it has one. */
export function operationInWords({ type, key, value }: Operation) {
  return { verb: type, key: shortened(key), value: type === "put" ? shortened(value) : null };
}

function shortened(value: unknown): string {
  const text = (JSON.stringify(value) ?? "").replace(TURNS_ROUND, asNumber);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}

function asNumber(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
