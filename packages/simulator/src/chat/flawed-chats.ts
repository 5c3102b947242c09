import { Chat, type ChatMessage, type ChatOperation, type ChatResult, type Json } from "@synod/state-machines";
import { tokensOf, USERS, userOfToken } from "./chat-asking.js";
import { type ChatMachine, SIMULATED_CHAT } from "./watched-chat.js";

/** The real chat, some of which is done otherwise. */
function changed(chat: Chat, changes: Partial<ChatMachine>): ChatMachine {
  return {
    parseOperation: (value) => chat.parseOperation(value),
    apply: (slot, operation) => chat.apply(slot, operation),
    read: (query) => chat.read(query),
    snapshot: () => chat.snapshot(),
    restore: (pieces) => chat.restore(pieces),
    loginOf: (token) => chat.loginOf(token),
    ...changes,
  };
}

/** A chat that understands each operation as another one before it carries it out. */
function meaning(other: (operation: ChatOperation, chat: Chat) => ChatOperation): ChatMachine {
  const chat = new Chat(SIMULATED_CHAT);
  return changed(chat, { apply: (slot, operation) => chat.apply(slot, other(operation, chat)) });
}

/** A chat that tells the messages of each conversation otherwise. */
function telling(other: (messages: readonly ChatMessage[]) => readonly ChatMessage[]): ChatMachine {
  const chat = new Chat(SIMULATED_CHAT);
  return changed(chat, {
    read: (query) => {
      const answer = chat.read(query);
      const { messages } = (answer ?? {}) as { readonly messages?: readonly ChatMessage[] };
      const { type } = query as { readonly type: string };
      return messages && type === "conversation" ? { ...(answer as object), messages: other(messages) } : answer;
    },
  });
}

/** Restores the rows of a snapshot as they are changed here. */
function restoring(other: (rows: readonly Json[][]) => readonly Json[]): ChatMachine {
  const chat = new Chat(SIMULATED_CHAT);
  return changed(chat, {
    restore: (pieces) => {
      const rows = pieces.flatMap((piece) => JSON.parse(piece) as Json[][]);
      chat.restore([JSON.stringify(other(rows))]);
    },
  });
}

/** Each server puts the time into a message at which it carries the operation out, by its own count. */
export function stampingWhenApplied(): ChatMachine {
  let now = 0;
  return meaning((operation) => (operation.type === "send" ? { ...operation, time: ++now } : operation));
}

/** Tells conversations in the order of their texts, as a list that is sorted by something else would be. */
export function orderingOtherwise(): ChatMachine {
  return telling((messages) => [...messages].sort((one, other) => (one.text < other.text ? -1 : 1)));
}

/** Goes on, behind a snapshot, with the first id that no message has: those of deleted ones come again. */
export function reusingIds(): ChatMachine {
  return restoring(([, ...rows]) => {
    const ids = rows.filter(([kind]) => kind === "message").map(([, id]) => Number(id));
    return [["chat", Math.max(0, ...ids) + 1], ...rows];
  });
}

/** Takes everything in a snapshot for read. */
export function forgettingUnread(): ChatMachine {
  return restoring((rows) => rows.map((row) => (row[0] === "message" ? [...row.slice(0, -1), true] : row)));
}

/** Leaves the oldest message of a snapshot out. */
export function losingOldest(): ChatMachine {
  return restoring((rows) => {
    const oldest = rows.findIndex(([kind]) => kind === "message");
    return rows.filter((_, place) => place !== oldest);
  });
}

/** Takes what it has told of as unread for read, at this server alone. */
export function markingWhatIsTold(): ChatMachine {
  const chat = new Chat(SIMULATED_CHAT);
  return changed(chat, {
    read: (query) => {
      const answer = chat.read(query);
      const { type, token } = query as { readonly type: string; readonly token: string };
      const { messages = [] } = (answer ?? {}) as { readonly messages?: readonly ChatMessage[] };
      const ids = messages.map(({ id }) => id);
      if (type === "unread" && ids.length > 0) chat.apply(1, { type: "mark-read", token, ids });
      return answer;
    },
  });
}

/** Goes on telling what it has told of a conversation before. */
export function keepingPages(): ChatMachine {
  const told = new Map<number, ChatMessage>();
  return telling((messages) => {
    for (const message of messages) told.set(message.id, message);
    const between = ({ from, to }: ChatMessage) => [from, to].sort().join(" ");
    const [first] = messages;
    const all = [...told.values()].filter((one) => first !== undefined && between(one) === between(first));
    return all.sort((one, other) => one.id - other.id);
  });
}

/** Acknowledges operations of this type, and does nothing. */
export function onlySaying(type: "log-out" | "set-password"): ChatMachine {
  const chat = new Chat(SIMULATED_CHAT);
  return changed(chat, {
    apply: (slot, operation) => {
      if (operation.type !== type) return chat.apply(slot, operation);
      const user = chat.userOf(operation.token);
      const answer = type === "log-out" ? "logged-out" : "password-set";
      const result: ChatResult = user === null ? { answer: "not-logged-in" } : { answer, user };
      return { result, changes: [] };
    },
  });
}

/** Lets whoever once knew the password log in. */
export function believingAnyCredential(): ChatMachine {
  return meaning((operation, chat) => {
    if (operation.type !== "log-in") return operation;
    const now = chat.read({ type: "credential", user: operation.user }) as { readonly credential: number } | null;
    return { ...operation, credential: now?.credential ?? operation.credential };
  });
}

/** Takes a login that has ended for any other one of that name. */
export function trustingNames(): ChatMachine {
  return meaning((operation, chat) => {
    if (!("token" in operation) || operation.type === "log-in") return operation;
    const { token } = operation;
    const living = [token, ...tokensOf(userOfToken(token))].find((one) => chat.userOf(one) !== null);
    return { ...operation, token: living ?? token };
  });
}

/** Deletes messages whosoever they are. */
export function deletingAnybodys(): ChatMachine {
  const chat = new Chat(SIMULATED_CHAT);
  return changed(chat, {
    apply: (slot, operation) => {
      const outcome = chat.apply(slot, operation);
      const { result } = outcome;
      if (operation.type !== "delete-messages" || result.answer !== "deleted") return outcome;
      let { count } = result;
      const tokens = USERS.flatMap((user) => tokensOf(user));
      const changes = tokens.flatMap((token) => {
        const more = chat.apply(slot, { ...operation, token });
        if (more.result.answer === "deleted") count += more.result.count;
        return more.changes;
      });
      return { result: { answer: "deleted", count }, changes: [...outcome.changes, ...changes] };
    },
  });
}
