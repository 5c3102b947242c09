import type { RingClientCommand, RingClientReply, RingMessage, RingWrite } from "@synod/consensus";

/** What the members of a ring say, write and are asked. */
export interface RingKinds {
  readonly message: RingMessage;
  readonly write: RingWrite;
  /** What a client is asked; or a value that a learner learns, or that a client hears of. */
  readonly command: RingClientCommand | string;
  readonly reply: RingClientReply;
}
