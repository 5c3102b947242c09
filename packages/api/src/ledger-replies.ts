import type { Static } from "typebox";
import type * as schemas from "./ledger-schemas.js";

/** To `POST /ledger/blocks`, once a learner has applied it. */
export type AddBlockReply = Static<typeof schemas.AddBlockReplySchema>;

/** One of `GET /ledger/blocks`, and a line of `GET /ledger/records`. */
export type BlockReply = Static<typeof schemas.BlockSchema>;

/** To `GET /ledger/blocks`. */
export type BlocksReply = Static<typeof schemas.BlocksReplySchema>;

/** To `GET /ledger/chain`. */
export type ChainReply = Static<typeof schemas.ChainReplySchema>;

/** To `GET /ledger/map`. */
export type LedgerMapReply = Static<typeof schemas.LedgerMapReplySchema>;

/** To `GET /ledger/tentative`. */
export type TentativeReply = Static<typeof schemas.TentativeReplySchema>;

/** To `GET /ledger/requests`. */
export type RequestsReply = Static<typeof schemas.RequestsReplySchema>;
