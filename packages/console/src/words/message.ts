/** A message between two servers, as `/events` tells of it. */
export interface Message {
  readonly number: number;
  readonly at: Date;
  readonly from: string;
  readonly to: string;
  readonly type: string;
  /** The proposal id. */
  readonly id: number | null;
  /** Between servers of Raft. */
  readonly term: number | null;
  /** The first and the last slot that it is about. */
  readonly slots: readonly [first: number, last: number] | null;
  /** Of how many entries, values or requests it speaks. */
  readonly count: number | null;
  readonly isReply: boolean;
}

/** In place of messages that a slow reader did not hear. */
export interface LostMessages {
  readonly number: number;
  readonly at: Date;
  readonly lost: number;
}

/** Which messages are shown. */
export interface MessageFilter {
  /** A server or client that sends or hears it; empty: any. */
  readonly server: string;
  /** Empty: any. */
  readonly type: string;
  /** Has to stand somewhere in the line. */
  readonly text: string;
}

/** Reads the data of an event. @throws {Error} if it is none of ours */
export function messageIn(event: string | undefined, data: string, number: number): Message | LostMessages {
  const told = JSON.parse(data) as Record<string, unknown>;
  if (event === "lost") return { number, at: new Date(), lost: Number(told["count"]) };
  const slots = told["slots"];
  return {
    number,
    at: new Date(String(told["at"])),
    from: String(told["from"]),
    to: String(told["to"]),
    type: String(told["type"]),
    id: typeof told["id"] === "number" ? told["id"] : null,
    term: typeof told["term"] === "number" ? told["term"] : null,
    slots: Array.isArray(slots) ? [Number(slots[0]), Number(slots[1])] : null,
    count: typeof told["count"] === "number" ? told["count"] : null,
    isReply: told["reply"] === true,
  };
}

/** Whether it stands for messages that were not heard. */
export function isLost(message: Message | LostMessages): message is LostMessages {
  return "lost" in message;
}

/** What a message is about: `id 17 · slots 41–43 · ×3`, or `term 5 · ...`, the last being how many entries, values or requests. */
export function aboutInWords({ id, term, slots, count }: Message): string {
  return [
    term === null ? null : `term ${term}`,
    id === null ? null : `id ${id}`,
    slots === null ? null : slots[0] === slots[1] ? `slot ${slots[0]}` : `slots ${slots[0]}–${slots[1]}`,
    count === null ? null : count === 0 ? "empty" : `×${count}`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

/** Whether it says nothing but that somebody is there: many a second, while nothing happens at all. */
export function isIdle(message: Message | LostMessages): boolean {
  return !isLost(message) && (message.count === 0 || message.type.startsWith("heartbeat"));
}

/** Whether a message is shown. That some were lost always is. */
export function isShown(message: Message | LostMessages, { server, type, text }: MessageFilter): boolean {
  if (isLost(message)) return true;
  const { from, to } = message;
  if (server !== "" && from !== server && to !== server) return false;
  if (type !== "" && message.type !== type) return false;
  const line = `${from} ${to} ${message.type} ${aboutInWords(message)}`;
  return line.toLowerCase().includes(text.trim().toLowerCase());
}
