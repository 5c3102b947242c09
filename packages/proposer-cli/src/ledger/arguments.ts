import type { Json } from "@synod/client";
import { UsageError } from "../terminal/exit-code.js";
import { LiteralError } from "./literal-error.js";
import { literalsOfArguments } from "./typed-literals.js";

/** What `--help` says of literals, below the options' own words. */
export const KEY_POSITIONAL = {
  type: "string",
  describe: `The key, a literal: '"a string"', 1, '{"a": [1, 2]}'; also as Python has them, "'a string'", True, None`,
} as const;

/** The keys and values that were typed. @throws {UsageError} with the command to type instead, where one is known */
export function literalArguments(command: string, args: readonly string[]): Json[] {
  try {
    return literalsOfArguments(command, args);
  } catch (error) {
    if (error instanceof LiteralError) throw new UsageError(error.message);
    throw error;
  }
}
