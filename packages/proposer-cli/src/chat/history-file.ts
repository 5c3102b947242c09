import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PromptHistory } from "../terminal/prompt.js";

/** Lines that are kept; when there are twice as many, the older ones go. */
const MOST_LINES = 1000;

/** Readable for its owner alone: what people write to each other is in it. */
const OWNERS_ALONE = 0o600;

/**
 * What was typed at a prompt, kept in a file. One that cannot be read or written is none: nobody must do without a chat for it.
 *
 * @param keeps whether a line may be kept
 */
export function historyFile(file: string, keeps: (line: string) => boolean): PromptHistory {
  const lines = linesOf(file);
  if (lines.length > 2 * MOST_LINES) orNot(() => writeFileSync(file, `${lines.slice(-MOST_LINES).join("\n")}\n`));
  return {
    lines: lines.slice(-MOST_LINES).reverse(),
    keeps,
    remember: (line) =>
      orNot(() => {
        mkdirSync(path.dirname(file), { recursive: true });
        appendFileSync(file, `${line}\n`, { mode: OWNERS_ALONE });
      }),
  };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}

function orNot(write: () => void): void {
  try {
    write();
  } catch {
    // There is no history, then.
  }
}
