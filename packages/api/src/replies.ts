import type { Static } from "typebox";
import type * as schemas from "./schemas.js";

/** To `POST /prepare`. An ignored one names the id that is promised instead. */
export type PrepareReply = Static<typeof schemas.PrepareReplySchema>;

/** To `POST /accept`. An ignored one names the id that is promised. */
export type AcceptReply = Static<typeof schemas.AcceptReplySchema>;

/** To `GET /state`. Before anything happened: -1, -1, null. */
export type StateReply = Static<typeof schemas.StateReplySchema>;

/** To `GET /pool/state`: the state of every server that answered, by its id. */
export type PoolStateReply = Static<typeof schemas.PoolStateReplySchema>;

/** To `GET /history`: acceptances made by hand, oldest first; those with an id up to `missingThroughId` may be missing. */
export type HistoryReply = Static<typeof schemas.HistoryReplySchema>;

/** To `POST /log/prepare`: the promise, and the first page of what was accepted. */
export type LogPrepareReply = Static<typeof schemas.LogPrepareReplySchema>;

/** To `POST /log/accept`. */
export type LogAcceptReply = Static<typeof schemas.LogAcceptReplySchema>;

/** To `GET /log`. `next` is where the next page begins, null after the last. */
export type LogReply = Static<typeof schemas.LogReplySchema>;

/** To `POST /log/truncate`: everything up to here is forgotten, by this request or before. */
export type LogTruncateReply = Static<typeof schemas.LogTruncateReplySchema>;

/** To `GET /health` of every role's server. */
export type HealthReply = Static<typeof schemas.HealthReplySchema>;

/** To `GET /status` of a cluster's acceptor. */
export type AcceptorStatusReply = Static<typeof schemas.AcceptorStatusReplySchema>;

/** To `GET /faults`: the faults at work. */
export type FaultsReply = Static<typeof schemas.FaultsReplySchema>;

/** To `POST /faults`: the faults that began. */
export type FaultsBegunReply = Static<typeof schemas.FaultsBegunReplySchema>;

/** To `DELETE /faults`: the ids of the faults that it ended. */
export type HealedReply = Static<typeof schemas.HealedReplySchema>;

/** Which server an answer came from: sent in a header with every answer. */
export interface ServerIdentity {
  /** 1..serverCount */
  readonly serverId: number;
  readonly serverCount: number;
  /** Names the pool for its whole life; made anew when the pool is reset. */
  readonly poolId: string;
}
