import type { SentMessage } from "@synod/acceptor-server";

/** Where a role tells of the messages that it sends. */
export interface RoleEvents {
  /** Whether anybody watches. */
  readonly isWatched: boolean;
  record(message: SentMessage): void;
}
