import type { NodeId } from "../core/participant.js";
import type { ReadBarrier, ReadBarrierRefused, Submit, Submitted } from "../log/messages.js";

/** What a client is told by a server that does not lead: nothing of it was done, and whom to ask. */
export function notLeader(message: Submit | ReadBarrier, leader: NodeId | null): Submitted | ReadBarrierRefused {
  if (message.type === "read-barrier") {
    return { type: "read-barrier-refused", requestId: message.requestId, reason: "not-leader", leader };
  }
  const outcomes = message.requests.map(({ requestId }) => {
    return { requestId, kind: "refused", reason: "not-leader", leader } as const;
  });
  return { type: "submitted", submission: message.submission, outcomes };
}
