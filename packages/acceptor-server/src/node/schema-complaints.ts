interface ValidationFault {
  readonly instancePath: string;
  readonly keyword?: string | undefined;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** The schema that was not met: its description says in words what a pattern says in signs. */
  readonly parentSchema?: { readonly description?: string };
}

/** Puts a schema's complaint into words that name the field, and what it may be. */
export function nameTheField(faults: readonly ValidationFault[], part: string): Error {
  // That none of several forms fits is clear from what is wrong with each.
  const telling = faults.filter(({ keyword }) => keyword !== "anyOf" || faults.length === 1);
  return new Error(telling.map((fault) => `${part}${fault.instancePath} ${complaint(fault)}`).join("; "));
}

function complaint({ keyword, message = "is not as the schema says", params, parentSchema }: ValidationFault): string {
  const { additionalProperty, allowedValues, limit } = params;
  if (additionalProperty !== undefined) return `has an unknown field ${JSON.stringify(additionalProperty)}`;
  if (Array.isArray(allowedValues)) return `must be one of ${allowedValues.join(", ")}`;
  const description = keyword === "pattern" ? parentSchema?.description : undefined;
  if (description !== undefined) return `is not what it must be: ${description.replace(/\.$/, "")}`;
  if (keyword === "maxLength") return `has more than ${Number(limit).toLocaleString("en-US")} characters`;
  if (keyword === "minLength") return limit === 1 ? "is empty" : `has fewer than ${limit} characters`;
  if (keyword === "maxItems") return `has more than ${limit} entries`;
  if (keyword === "minItems") return limit === 1 ? "has no entry" : `has fewer than ${limit} entries`;
  return message;
}
