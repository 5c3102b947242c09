import type { Static } from "typebox";
import type * as schemas from "./kv-schemas.js";
import type * as status from "./kv-status-schemas.js";

/** To `POST /write`, once a learner has applied it. */
export type WriteReply = Static<typeof schemas.WriteReplySchema>;

/** To `POST /read`: of one key, or of many. */
export type ReadReply = Static<typeof schemas.ReadReplySchema>;

/** To `GET /kv?...`, and to `POST /read` of many keys. */
export type EntriesReply = Static<typeof schemas.EntriesReplySchema>;

/** To `GET /kv/<key>`. */
export type KeyReply = Static<typeof schemas.KeyReplySchema>;

/** To `PUT /kv/<key>`. */
export type PutReply = Static<typeof schemas.PutReplySchema>;

/** To `DELETE /kv/<key>`. */
export type DeleteReply = Static<typeof schemas.DeleteReplySchema>;

/** To `POST /kv/sessions`. */
export type OpenSessionReply = Static<typeof schemas.OpenSessionReplySchema>;

/** To `POST /subscribe`. */
export type SubscribeReply = Static<typeof schemas.SubscribeReplySchema>;

/** To `GET /status` of a proposer. */
export type ProposerStatusReply = Static<typeof status.ProposerStatusReplySchema>;

/** To `GET /status` of a learner. */
export type LearnerStatusReply = Static<typeof status.LearnerStatusReplySchema>;

/** To `GET /status` of a gateway. */
export type GatewayStatusReply = Static<typeof status.GatewayStatusReplySchema>;
