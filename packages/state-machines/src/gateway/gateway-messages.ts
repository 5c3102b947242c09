import type { Cost, NodeId, RefusalReasonOfLog, Slot } from "@synod/consensus";
import type { SessionPosition } from "../sessions/envelope.js";
import type { Json } from "../state-machine.js";

/**
 * How fresh a read must be. `eventual`: as fresh as the learner that answers. `session`: never older than what the
 * session has written or read. `strong`: linearizable, nothing that was acknowledged before it began is missing.
 */
export type ReadLevel = "eventual" | "session" | "strong";

/** What a gateway is asked. Every request ends within its own time, in milliseconds. */
export type GatewayRequest =
  | {
      readonly kind: "write";
      readonly operation: Json;
      /** Names the session for reads at its level; null: the gateway's own. A label only: anybody may use it. */
      readonly label: string | null;
      /** The client numbers its commands itself, in a session that it opened; null: the gateway does. */
      readonly session: SessionPosition | null;
      readonly timeoutMs: number;
    }
  /** For a client that numbers its commands itself: sequence 1 of its session. */
  | { readonly kind: "open-session"; readonly client: string; readonly timeoutMs: number }
  | {
      readonly kind: "read";
      readonly query: Json;
      readonly level: ReadLevel;
      readonly label: string | null;
      /** What the session has seen, if the client keeps count of that itself; null: what its label has seen here. */
      readonly token: Slot | 0 | null;
      readonly timeoutMs: number;
    };

export type GatewayReply =
  | {
      readonly kind: "written";
      readonly slot: Slot;
      readonly result: Json;
      /** The highest slot that the session has seen. */
      readonly token: Slot;
      readonly cost: Cost;
    }
  | {
      readonly kind: "read";
      readonly slot: Slot | 0;
      readonly answer: Json;
      readonly learner: NodeId;
      readonly token: Slot | 0;
      readonly cost: Cost;
    }
  /** It certainly had no effect. */
  | { readonly kind: "refused"; readonly reason: RefusalReasonOfLog }
  /** The session was forgotten: the command may have happened before that, and will not happen any more. */
  | { readonly kind: "session-expired" }
  /** The command may have happened, and may still. */
  | { readonly kind: "unknown" };
