import { type NodeFaults, SseStream } from "@synod/acceptor-server";
import { FROM_HEADER } from "@synod/api";
import type { KeyValueChange } from "@synod/state-machines";
import type { RoleContext } from "../../roles/role-context.js";
import type { ChangeFeed } from "../change-feed.js";
import { startedEvent } from "./change-events.js";
import { KeyReader } from "./key-reader.js";
import type { Watching } from "./subscription-routes.js";

/** How often a stream to another node says that it lives: that node has others to turn to. */
const HEARTBEAT_TO_NODES_MS = 1000;

/** The changes of the learner in this process. */
export function watchingHere(
  { faults, tuning }: RoleContext,
  changes: ChangeFeed<KeyValueChange>,
  appliedThrough: () => number,
  spreadEnd: (id: string) => Promise<void>,
): Watching {
  return {
    now: async () => appliedThrough(),
    open({ headers }, reply, { patterns }, after) {
      const from = headers[FROM_HEADER];
      const heartbeat = { heartbeatMs: tuning.heartbeatMs ?? HEARTBEAT_TO_NODES_MS };
      const stream = SseStream.open(reply, { onOverflow: "close", ...(from === undefined ? {} : heartbeat) });
      stream.send(startedEvent(after));
      changes.watch({ stream, response: reply.raw }, new KeyReader(patterns, () => isCut(faults, from)), after);
      return stream;
    },
    spreadEnd,
  };
}

function isCut(faults: NodeFaults | null, to: string | string[] | undefined): boolean {
  return faults !== null && typeof to === "string" && faults.isCut(faults.node, to);
}
