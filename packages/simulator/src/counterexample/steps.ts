import type { NodeId } from "@synod/consensus";
import type { Kinds, System } from "../world/system.js";
import { isAction, type WorldEvent } from "../world/world-event.js";

/** One step of a story: something reaches a node, and what the node does at once. */
export interface Step {
  readonly node: NodeId;
  readonly kind: "request" | "deliver" | "timeout" | "synced" | "crash" | "restart";
  /** Who sent the message that is delivered. */
  readonly from: NodeId | null;
  /** What reaches the node, in few words. */
  readonly cause: string;
  /** What follows: disk, messages, replies; sentences without their subject. */
  readonly effects: readonly string[];
}

/** The events of a run as steps: each action with what follows from it; a flush belongs to the step that waits for it. */
export function stepsOf<K extends Kinds>(system: System<K>, events: readonly WorldEvent<K>[]): Step[] {
  const steps: (Step & { effects: string[] })[] = [];
  for (const [place, event] of events.entries()) {
    if (event.kind === "flush") continue;
    const last = steps.at(-1);
    if (event.kind === "synced" && last?.node === event.node && last.kind !== "crash") continue;
    if (isAction(event)) steps.push({ ...causeOf(system, event), node: event.node, effects: [] });
    else last?.effects.push(...effectOf(system, event, events[place - 1], events.slice(place + 1)));
  }
  // A flush that nobody learns of, as when a node crashes after it, still says what is on the disk.
  return steps.filter(({ kind, effects }) => kind !== "synced" || effects.length > 0);
}

type Cause = Pick<Step, "kind" | "cause" | "from">;

function causeOf<K extends Kinds>(system: System<K>, action: WorldEvent<K>): Cause {
  switch (action.kind) {
    case "request":
      return { kind: "request", from: null, cause: `is asked to ${system.commandInWords(action.command)}` };
    case "deliver":
      return { kind: "deliver", from: action.from, cause: system.messageInWords(action.message) };
    case "timeout":
      return { kind: "timeout", from: null, cause: `has waited long enough (timer "${action.timer}")` };
    case "crash":
      return { kind: "crash", from: null, cause: "crashes" };
    case "restart":
      return { kind: "restart", from: null, cause: "restarts with what its disk holds" };
    default:
      return { kind: "synced", from: null, cause: "has waited for its disk" };
  }
}

function effectOf<K extends Kinds>(
  system: System<K>,
  effect: WorldEvent<K>,
  before: WorldEvent<K> | undefined,
  after: readonly WorldEvent<K>[],
): string[] {
  switch (effect.kind) {
    case "store":
      return [`has on disk: ${effect.writes.map((write) => system.writeInWords(write)).join("; ")}`];
    case "send": {
      const words = system.messageInWords(effect.message);
      const isSame = (other: WorldEvent<K> | undefined) =>
        other?.kind === "send" && other.node === effect.node && system.messageInWords(other.message) === words;
      // The same to several is said once.
      if (isSame(before)) return [];
      const end = after.findIndex((other) => !isSame(other));
      const others = end < 0 ? after : after.slice(0, end);
      const receivers = [effect, ...others].flatMap((one) => (one.kind === "send" ? one.to : []));
      return [`sends ${receivers.join(", ")}: ${words}`];
    }
    case "reply":
      return [`tells its client: ${system.replyInWords(effect.reply)}`];
    case "apply":
      return [`learns that the command of slot ${effect.slot} is to ${system.commandInWords(effect.command)}`];
    case "break":
      return [`stops: ${effect.error}`];
    default:
      return [];
  }
}
