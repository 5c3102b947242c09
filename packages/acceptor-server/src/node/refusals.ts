import { type ErrorCode, type Problem, problem } from "@synod/api";

/** Beside what every problem says. */
export interface RefusalDetails {
  /** Further members of the problem's body, such as `slot`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** When to come again, for the header `retry-after`. */
  readonly retryAfterSeconds?: number;
}

/** A request that is answered with an error from the table. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly details: RefusalDetails = {},
  ) {
    super(detail);
  }

  get problem(): Problem {
    return { ...this.details.members, ...problem(this.code, this.message) };
  }
}

/** Why a server gives no answer at all, whatever it is asked. */
export class NotServed extends Error {
  override readonly name = "NotServed";
  constructor(
    readonly code: "storage-failed" | "stopping" | "overloaded" | "internal",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** For a server that is stopping: what comes now certainly has no effect. */
export function stopping(): NotServed {
  return new NotServed("stopping", "the server is stopping; ask another one");
}
