import { RequestRefused } from "@synod/acceptor-server";
import type { RefusalReasonOfLog } from "@synod/consensus";
import type { GatewayReply, ReadLevel } from "@synod/state-machines";

/** A reply that is no success. */
type Failure = Exclude<GatewayReply, { readonly kind: "written" | "read" }>;

const LOOK = "GET /status at a gateway names what to bring back";

const WHY: Readonly<Record<RefusalReasonOfLog, string>> = {
  "no-leader": "nobody leads, or who leads is not reached",
  "no-quorum": "the leader does not reach a majority",
  "no-learner": "no server answers that has the state",
  "not-caught-up": "no server has applied in time what this read must show",
  overloaded: "as much is under way as is taken; try again in a second",
};

/** What a write that failed is answered with. @param howToSee for people: how they find out whether it happened */
export function writeRefused(reply: Failure, howToSee: string): RequestRefused {
  switch (reply.kind) {
    case "refused":
      return new RequestRefused(reply.reason, `nothing was written: ${WHY[reply.reason]}${look(reply.reason)}`);
    case "session-expired":
      return new RequestRefused(
        "session-expired",
        "the session is no longer known: the write may have happened before that, and will not happen any more. Open a new " +
          `session under another name. ${howToSee}`,
      );
    case "unknown":
      return new RequestRefused(
        "outcome-unknown",
        `nobody said in time whether it happened: it may have, and may still. ${howToSee}. ${LOOK}`,
      );
  }
}

/** What a read that failed is answered with. @param level at which it was asked for; null where there is but one */
export function readRefused(reply: Failure, level: ReadLevel | null): RequestRefused {
  if (reply.kind !== "refused")
    return new RequestRefused("no-learner", `nothing was read: ${WHY["no-learner"]}. ${LOOK}`);
  const { reason } = reply;
  return new RequestRefused(reason, `nothing was read: ${WHY[reason]}${look(reason)}${lesser(reason, level)}`);
}

function look(reason: RefusalReasonOfLog): string {
  return reason === "overloaded" ? "" : `. ${LOOK}`;
}

/** Which lesser level may be served. */
function lesser(reason: RefusalReasonOfLog, level: ReadLevel | null): string {
  if (level === null || reason === "overloaded" || reason === "no-learner" || level === "eventual") return "";
  const levels = level === "strong" && reason !== "not-caught-up" ? "session or eventual" : "eventual";
  return `. A read at a lesser level (consistency ${levels}) may be served, and may be old`;
}
