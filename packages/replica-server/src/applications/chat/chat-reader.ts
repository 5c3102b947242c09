import type { SseEvent } from "@synod/acceptor-server";
import type { ChatEvent } from "@synod/api";
import { type ChangesOfSlot, type Chat, type ChatChange, type ChatNews, newsFor } from "@synod/state-machines";
import type { ChangeReader } from "../change-feed.js";

/** A login whose stream is open. */
export interface ReadingLogin {
  readonly user: string;
  /** The digest of its token. */
  readonly token: string;
  /** The slot of a state in which it had not ended: ends that were before it are those of an earlier login. */
  readonly seenAt: number;
}

/** Whoever is logged in, as a reader of what changes in the chat: nothing but their own affairs, until the login ends. */
export class ChatReader implements ChangeReader<ChatChange> {
  readonly #login: ReadingLogin;
  readonly #chat: () => Chat;
  #isOver = false;

  /** @param chat as of now, whatever replaced it */
  constructor(login: ReadingLogin, chat: () => Chat) {
    this.#login = login;
    this.#chat = chat;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * A command of a chat changes one thing, which is one event for whoever it concerns. Should a slot bring a reader more
   * than one piece of news, `resync` stands for all of them: nothing is lost on whoever reads anew.
   */
  eventOf({ slot, changes }: ChangesOfSlot<ChatChange>): SseEvent | null {
    const { user, token, seenAt } = this.#login;
    const all = changes.flatMap((change) => newsFor(change, user, token) ?? []);
    const isEnd = ({ type }: ChatNews) => type === "logged-out";
    if (slot > seenAt && all.some(isEnd)) return this.#loggedOut(slot);
    const [first, ...more] = all.filter((news) => !isEnd(news));
    if (first === undefined) return null;
    return chatEvent(more.length === 0 ? first : { type: "resync" }, slot);
  }

  progressEvent(through: number): SseEvent {
    return chatEvent({ type: "progress" }, through);
  }

  /** What ended the login may be among what is gone. */
  goneEvent(through: number): SseEvent {
    const { user, token } = this.#login;
    if (this.#chat().userOf(token) !== user) return this.#loggedOut(through);
    return chatEvent({ type: "resync" }, through);
  }

  #loggedOut(slot: number): SseEvent {
    this.#isOver = true;
    return chatEvent({ type: "logged-out" }, slot);
  }
}

/** As a stream tells it. @param id what a reader resumes after */
export function chatEvent(event: ChatEvent, id: number): SseEvent {
  return { event: event.type, id, data: JSON.stringify(event) };
}
