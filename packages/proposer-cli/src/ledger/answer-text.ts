import type { LedgerAnswer } from "@synod/client";
import { ExitCode } from "../terminal/exit-code.js";
import { literalText } from "./literal-text.js";

/** The answer as the original gave it: `success`, the value, or `KEY_DOES_NOT_EXIST`. */
export function answerText({ answer, value }: LedgerAnswer): string {
  return answer === "value" ? literalText(value) : answer;
}

/** Which block it is. */
export function blockText({ height, hash }: LedgerAnswer): string {
  return `block ${height}, hash ${hash}`;
}

/** What a command ends with that got this answer. */
export function exitCodeOf({ answer }: LedgerAnswer): ExitCode {
  return answer === "KEY_DOES_NOT_EXIST" ? ExitCode.notFound : ExitCode.done;
}
