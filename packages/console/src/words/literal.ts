/** What somebody typed where any JSON may stand. */
export interface Literal {
  readonly value: unknown;
  /** What it was taken for: `the number 10`, `the text "alice"`. */
  readonly meaning: string;
  /** Whether it looks as if something else was meant. */
  readonly isDoubtful: boolean;
}

/** JSON, or, if it is none, the text itself: so that a bare word needs no quotes. */
export function literalIn(typed: string): Literal {
  try {
    const value: unknown = JSON.parse(typed);
    return { value, meaning: kindOf(value), isDoubtful: false };
  } catch {
    // No JSON: then it is a text, of which nothing is lost.
    const looksLikeJson = /^\s*["{[]/.test(typed);
    const doubt = looksLikeJson ? ", since it is no JSON" : "";
    return { value: typed, meaning: `the text ${JSON.stringify(typed)}${doubt}`, isDoubtful: looksLikeJson };
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return `the text ${JSON.stringify(value)}`;
    case "number":
      return `the number ${JSON.stringify(value)}`;
    case "object":
      return value === null ? "null" : "an object";
    default:
      return JSON.stringify(value);
  }
}
