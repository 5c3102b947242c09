import type { AcceptorReply, LogPage } from "@synod/consensus";
import type { SentMessage } from "./node/event-feed.js";

/**
 * A reply as those who watch are told of it.
 *
 * @param from who asked; null: a person
 * @returns null for what only tells of the acceptor's state, and is no part of the protocol
 */
export function replyEvent(reply: AcceptorReply, from: string | null): SentMessage | null {
  const about = aboutOf(reply);
  if (about === null || (reply.type === "log" && from === null)) return null;
  return { to: from ?? "person", type: reply.type, ...about, reply: true };
}

type About = Pick<SentMessage, "id" | "slots" | "count">;

function aboutOf(reply: AcceptorReply): About | null {
  switch (reply.type) {
    case "state":
    case "history":
      return null;
    case "promise-log":
      return { id: reply.id, ...slotsOf(reply.page) };
    case "log":
      return slotsOf(reply.page);
    case "prepare-log-ignored":
    case "accept-log-ignored":
      return { id: reply.id };
    case "accepted-log":
      return { id: reply.id, ...spanOf(reply.instances) };
    case "log-truncated":
      return reply.truncatedThrough === 0 ? {} : { slots: [1, reply.truncatedThrough] };
    case "truncated":
      return { slots: [reply.instance, reply.instance] };
    default:
      return { id: reply.id, slots: [reply.instance, reply.instance] };
  }
}

function slotsOf({ entries }: LogPage): About {
  return spanOf(entries.map(({ instance }) => instance));
}

function spanOf(slots: readonly number[]): About {
  if (slots.length === 0) return { count: 0 };
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const slot of slots) {
    first = Math.min(first, slot);
    last = Math.max(last, slot);
  }
  return { slots: [first, last], count: slots.length };
}
