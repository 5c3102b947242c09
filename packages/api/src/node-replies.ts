import type { Static } from "typebox";
import type * as schemas from "./schemas.js";

/** To `GET /nodes`. */
export type NodesReply = Static<typeof schemas.NodesReplySchema>;

/** To `POST /nodes/<node>/fail` and `POST /nodes/<node>/recover`. */
export type NodeDeedReply = Static<typeof schemas.NodeDeedReplySchema>;
