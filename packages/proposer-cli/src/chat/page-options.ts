import type { Options } from "yargs";
import type { Arguments } from "../terminal/command.js";
import { wholeNumber } from "../terminal/option-values.js";

/** Lines of a page at most. */
const MOST_LINES = 500;

export const LIMIT_OPTION = {
  limit: {
    type: "string",
    describe: `Lines at most, 1..${MOST_LINES} (default 50)`,
    coerce: wholeNumber("--limit", 1, MOST_LINES),
  },
} as const satisfies Record<string, Options>;

/** Of pages that go back in time. */
export const PAGE_OPTIONS = {
  before: {
    type: "string",
    describe: "Those before the message of this number (default: the newest)",
    coerce: wholeNumber("--before", 1, Number.MAX_SAFE_INTEGER),
  },
  ...LIMIT_OPTION,
} as const satisfies Record<string, Options>;

/** Leaves unread what it shows. */
export const PEEK_OPTION = {
  peek: { type: "boolean", default: false, describe: "Leave unread what is shown" },
} as const satisfies Record<string, Options>;

/** Those of these options that were given, as they were read. */
export function given<Name extends string>(args: Arguments, ...names: Name[]): Partial<Record<Name, never>> {
  const there = names.filter((name) => args[name] !== undefined);
  return Object.fromEntries(there.map((name) => [name, args[name]])) as Partial<Record<Name, never>>;
}
