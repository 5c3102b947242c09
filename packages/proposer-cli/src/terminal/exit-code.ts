/** What a command tells the shell. Scripts rely on these: none is ever given another meaning. */
export const ExitCode = {
  done: 0,
  failure: 1,
  usage: 2,
  /** No server could be reached. */
  nobodyReachable: 3,
  /** No quorum, or pre-empted. */
  noConsensus: 4,
  /** Not found, or a comparison failed. */
  notFound: 5,
  /** The rules of consensus were broken: two values were chosen. */
  safetyViolated: 6,
  /** It may have happened, or not. */
  outcomeUnknown: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A failure that the user can understand and act on: told in a line, without a stack trace. */
export class CommandFailure extends Error {
  override readonly name: string = "CommandFailure";
  constructor(
    readonly exitCode: ExitCode,
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The command line itself is wrong; nothing was sent or changed. */
export class UsageError extends CommandFailure {
  override readonly name = "UsageError";
  constructor(message: string) {
    super(ExitCode.usage, "usage", message);
  }
}
