import { appendFileSync, writeSync } from "node:fs";

/** The option that says how much of a server's log there is. */
export const LOG_LEVEL_OPTION = {
  "log-level": {
    choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    default: "info",
    describe: "The least level that is logged, as JSON lines",
  },
} as const;

/** Where a server's log goes, line by line. */
export interface ServerLog {
  readonly level: string;
  write(line: string): void;
}

/** To stdout. */
export function logToStdout(level: unknown): ServerLog {
  return { level: String(level), write: orNowhere((line) => writeSync(process.stdout.fd, line)) };
}

/** To the end of a file. */
export function logToFile(level: unknown, file: string): ServerLog {
  return { level: String(level), write: orNowhere((line) => appendFileSync(file, line)) };
}

/**
 * A full disk must not stop a server that could still say so to whoever asks (pino's own destination would try again for
 * ever).
 */
function orNowhere(write: (line: string) => void): (line: string) => void {
  return (line) => {
    try {
      write(line);
    } catch {
      // There is no place left to say that there is no place left.
    }
  };
}
