import type { Static } from "typebox";
import type * as schemas from "./raft-schemas.js";

/** To `GET /status` of a Raft server. */
export type RaftStatusReply = Static<typeof schemas.RaftStatusReplySchema>;

/** To `GET /raft/state`. */
export type RaftStateReply = Static<typeof schemas.RaftStateReplySchema>;
