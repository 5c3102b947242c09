import type { NodeId } from "@synod/consensus";
import type { Fault, Tail } from "../faults/fault.js";
import type { Kinds } from "./system.js";

/** Something that the world does to one node. A run is a list of these, and what follows from them. */
export type Action<K extends Kinds = Kinds> =
  | { readonly kind: "request"; readonly node: NodeId; readonly requestId: string; readonly command: K["command"] }
  | { readonly kind: "deliver"; readonly node: NodeId; readonly from: NodeId; readonly message: K["message"] }
  | { readonly kind: "timeout"; readonly node: NodeId; readonly timer: string }
  /** A flush begins, with all writes that wait. */
  | { readonly kind: "flush"; readonly node: NodeId }
  /** The flush under way is on disk. */
  | { readonly kind: "synced"; readonly node: NodeId }
  | { readonly kind: "crash"; readonly node: NodeId; readonly tail: Exclude<Tail, "random"> }
  | { readonly kind: "restart"; readonly node: NodeId };

/** What follows from an action. */
export type Effect<K extends Kinds = Kinds> =
  | { readonly kind: "send"; readonly node: NodeId; readonly to: NodeId; readonly message: K["message"] }
  | { readonly kind: "reply"; readonly node: NodeId; readonly requestId: string; readonly reply: K["reply"] }
  | { readonly kind: "apply"; readonly node: NodeId; readonly slot: number; readonly command: K["command"] }
  /** These are durable from now on. */
  | { readonly kind: "store"; readonly node: NodeId; readonly writes: readonly K["write"][] }
  /** An assertion about the node's own state failed, or it threw something else: it has stopped. */
  | { readonly kind: "break"; readonly node: NodeId; readonly error: string };

/** What the surroundings do, so that a record of a run tells it; no node hears of it. */
export type Surrounding<K extends Kinds = Kinds> =
  | {
      readonly kind: "lose";
      readonly node: NodeId;
      readonly from: NodeId;
      readonly message: K["message"];
      readonly why: "cut" | "drop" | "down";
    }
  | { readonly kind: "pause" | "resume"; readonly node: NodeId }
  | { readonly kind: "fault" | "fault-ends"; readonly fault: Fault };

export type WorldEvent<K extends Kinds = Kinds> = Action<K> | Effect<K> | Surrounding<K>;

const ACTIONS = new Set(["request", "deliver", "timeout", "flush", "synced", "crash", "restart"]);

/** Whether this is done to a node, so that doing the same again replays the run. */
export function isAction<K extends Kinds>(event: WorldEvent<K>): event is Action<K> {
  return ACTIONS.has(event.kind);
}
