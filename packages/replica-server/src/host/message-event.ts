import type { SentMessage } from "@synod/acceptor-server";
import type { LogMessage } from "@synod/consensus";

type About = Pick<SentMessage, "type" | "id" | "term" | "slots" | "count">;

/** What those who watch are told of a message, beside who sends it to whom. */
export function aboutOf(message: LogMessage): About {
  const { type } = message;
  switch (message.type) {
    case "prepare-log":
    case "heartbeat":
      return { type, id: message.id };
    case "heartbeat-heard":
      return message.highestId < 0 ? { type } : { type, id: message.highestId };
    case "accept-log":
      return { type, id: message.id, ...spanOf(message.entries.map(({ instance }) => instance)) };
    case "truncate-log":
      return { type, slots: [1, message.through] };
    case "learn":
      return { type, id: message.id, ...spanFrom(message.from, message.values.length) };
    case "learned":
      return { type, ...spanOf(message.results.map(({ slot }) => slot)) };
    case "sync-reply":
      return { type, ...spanFrom(message.from, message.values.length) };
    case "read-log":
    case "sync":
      return { type, slots: [message.from, message.from] };
    case "read-snapshot":
    case "snapshot-piece":
      return { type, slots: [1, message.through] };
    case "request-vote":
    case "vote":
    case "timeout-now":
      return { type, term: message.term };
    case "appended": {
      const { term, previousIndex, matchIndex } = message;
      // A heartbeat's answer acknowledges nothing, as the heartbeat carries nothing.
      return { type, term, ...(matchIndex === null ? {} : spanFrom(previousIndex + 1, matchIndex - previousIndex)) };
    }
    case "append-entries":
      return { type, term: message.term, ...spanFrom(message.previousIndex + 1, message.entries.length) };
    case "install-snapshot":
    case "snapshot-taken":
      return { type, term: message.term, slots: [1, message.lastIndex] };
    case "submit":
      return { type, count: message.requests.length };
    case "submitted":
      return {
        type,
        ...spanOf(message.outcomes.flatMap((outcome) => (outcome.kind === "applied" ? [outcome.slot] : []))),
      };
    case "read-barrier-passed":
    case "query-answer":
      return message.slot === 0 ? { type } : { type, slots: [message.slot, message.slot] };
    default:
      return { type };
  }
}

function spanFrom(from: number, count: number): Pick<About, "slots" | "count"> {
  return count === 0 ? { count } : { slots: [from, from + count - 1], count };
}

function spanOf(slots: readonly number[]): Pick<About, "slots" | "count"> {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const slot of slots) {
    first = Math.min(first, slot);
    last = Math.max(last, slot);
  }
  return slots.length === 0 ? { count: 0 } : { slots: [first, last], count: slots.length };
}
