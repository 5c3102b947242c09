import type { Conversation } from "./conversation.js";
import type { PasswordRecord } from "./operations.js";

/** Somebody who can log in, and all that is theirs. */
export class Account {
  readonly user: string;
  /** The slot that made it: nothing that was for an account of this name before is for this one. */
  readonly createdAt: number;
  /** The slot that set the password: names it, and no other of this account or of one that had its name before. */
  credential: number;
  password: PasswordRecord;
  /** Digests of the tokens of its logins, the oldest first. */
  readonly logins = new Set<string>();
  /**
   * Digests of the tokens of its last logins that ended, the oldest first: the request that began one may come again, and
   * must not begin it again.
   */
  readonly ended = new Set<string>();
  /** By the name of whom it is with. */
  readonly conversations = new Map<string, Conversation>();
  /** Ids of messages to it that it has not read, the oldest first: a message is added when it is sent. */
  readonly unread = new Set<number>();

  constructor(user: string, createdAt: number, credential: number, password: PasswordRecord) {
    this.user = user;
    this.createdAt = createdAt;
    this.credential = credential;
    this.password = password;
  }
}
