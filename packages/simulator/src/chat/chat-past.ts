import type { Slot } from "@synod/consensus";
import type { ChatMessage, Json } from "@synod/state-machines";

/** It is there from one slot on, and up to another one. */
interface Life {
  readonly since: Slot;
  until: Slot;
}
export const FOREVER = Number.MAX_SAFE_INTEGER;

export interface ModelAccount extends Life {
  readonly user: string;
  readonly credentials: { readonly slot: Slot; readonly password: Json }[];
  ended: string[];
}

export interface ModelLogin extends Life {
  readonly account: ModelAccount;
  readonly token: string;
}

export interface ModelMessage extends Life, Omit<ChatMessage, "read"> {
  readAt: Slot;
}

/** All that ever was in a chat, each with the slots in which it was: nothing is taken out, it only ends. */
export class ChatPast {
  readonly accounts: ModelAccount[] = [];
  readonly logins: ModelLogin[] = [];
  readonly messages: ModelMessage[] = [];

  accountsAt(slot: Slot | 0): ModelAccount[] {
    return at(slot, this.accounts);
  }

  messagesAt(slot: Slot | 0): ModelMessage[] {
    return at(slot, this.messages);
  }

  account(slot: Slot | 0, user: Json | undefined): ModelAccount | undefined {
    return this.accountsAt(slot).find((one) => one.user === user);
  }

  login(slot: Slot | 0, token: string): ModelLogin | undefined {
    return at(slot, this.logins).find((one) => one.token === token);
  }

  loginsOf(slot: Slot, account: ModelAccount): ModelLogin[] {
    return at(slot, this.logins).filter((one) => one.account === account);
  }

  /** All messages from or to somebody. */
  messagesOf(slot: Slot | 0, user: string): ModelMessage[] {
    return this.messagesAt(slot).filter(({ from, to }) => from === user || to === user);
  }

  unread(slot: Slot | 0, user: string): ModelMessage[] {
    return this.messagesOf(slot, user).filter(({ to, readAt }) => to === user && readAt > slot);
  }
}

function at<T extends Life>(slot: Slot | 0, all: readonly T[]): T[] {
  return all.filter((one) => one.since <= slot && slot < one.until);
}

/** A message as it was at a slot. */
export function shown(slot: Slot | 0, { id, from, to, text, time, readAt }: ModelMessage): ChatMessage {
  return { id, from, to, text, time, read: readAt <= slot };
}

export function idsOf(messages: readonly ModelMessage[]): number[] {
  return messages.map(({ id }) => id);
}

/** Messages by what each of them has, in the order in which that comes first. */
export function grouped(
  messages: readonly ModelMessage[],
  keyOf: (message: ModelMessage) => string,
): (readonly [string, ModelMessage[]])[] {
  const keys = [...new Set(messages.map(keyOf))];
  return keys.map((key) => [key, messages.filter((one) => keyOf(one) === key)] as const);
}
