import type { ChatEvent, ChatMessageReply } from "@synod/api";

/** Messages of a conversation that are kept at most: older ones are asked for again. */
export const MOST_KEPT = 1000;

/** A part of a conversation: its newest messages, without a gap. */
export interface Thread {
  /** In the order in which they were sent, each once. */
  readonly messages: readonly ChatMessageReply[];
  /** The `before` of the page of older ones; null if there are none. */
  readonly older: number | null;
  /** Whether whom it is with has no account any more. */
  readonly isGone: boolean;
}

export const EMPTY_THREAD: Thread = { messages: [], older: null, isGone: false };

/** With a page of older messages. */
export function withOlder(thread: Thread, page: readonly ChatMessageReply[], older: number | null): Thread {
  return { ...thread, messages: merged(page, thread.messages), older };
}

/** With a message that was sent, or that is there already. Somebody else may have the name of who is gone. */
function withMessage(thread: Thread, message: ChatMessageReply): Thread {
  const messages = merged(thread.messages, [message]);
  if (messages.length <= MOST_KEPT) return { ...thread, messages, isGone: false };
  const kept = messages.slice(-MOST_KEPT);
  return { messages: kept, older: kept[0]?.id ?? null, isGone: false };
}

/** Without these. */
function without(thread: Thread, ids: readonly number[]): Thread {
  const gone = new Set(ids);
  return { ...thread, messages: thread.messages.filter(({ id }) => !gone.has(id)) };
}

/** With these marked as read by whom they were sent to. */
function asRead(thread: Thread, ids: readonly number[]): Thread {
  const read = new Set(ids);
  return {
    ...thread,
    messages: thread.messages.map((message) => (read.has(message.id) ? { ...message, read: true } : message)),
  };
}

/**
 * With what an event tells of it. To take an event twice is to take it once, so that a page which may know of it already can
 * be followed by all events since it was asked for.
 *
 * @param peer whom the conversation is with
 */
export function taken(thread: Thread, event: ChatEvent, me: string, peer: string): Thread {
  switch (event.type) {
    case "message": {
      const { from, to } = event.message;
      const isHere = (from === me && to === peer) || (from === peer && to === me);
      return isHere ? withMessage(thread, event.message) : thread;
    }
    case "deleted":
      return without(
        thread,
        event.conversations.filter((one) => one.with === peer).flatMap(({ ids }) => ids),
      );
    case "read":
      return asRead(
        thread,
        event.conversations.flatMap(({ ids }) => ids),
      );
    case "account-deleted":
      return event.user === peer ? { messages: [], older: null, isGone: true } : thread;
    case "started":
    case "logged-out":
    case "progress":
    case "resync":
      return thread;
  }
}

/** Those of both, in the order of their ids; of one that is in both, that of the second. */
function merged(one: readonly ChatMessageReply[], other: readonly ChatMessageReply[]): readonly ChatMessageReply[] {
  const byId = new Map([...one, ...other].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
