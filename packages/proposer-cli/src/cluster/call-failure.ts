import type { StoreError } from "@synod/client";
import { EXIT_CODES } from "../kv/gateway.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";

/** What a failed call of the client library is to a command. @param words what is told; else what the error says */
export function callFailure({ code, message, definite }: StoreError, words = message): CommandFailure {
  if (!definite) return new CommandFailure(ExitCode.outcomeUnknown, code, words);
  if (code === "unreachable") return new CommandFailure(ExitCode.nobodyReachable, code, words);
  if (code === "timeout") return new CommandFailure(ExitCode.noConsensus, code, words);
  const exitCode = code in EXIT_CODES ? EXIT_CODES[code as keyof typeof EXIT_CODES] : undefined;
  return new CommandFailure(exitCode ?? ExitCode.failure, code, words);
}
