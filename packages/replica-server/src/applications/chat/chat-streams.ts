import { type NodeFaults, RequestRefused, SseStream } from "@synod/acceptor-server";
import { type Chat, type ChatChange, charactersOfChatChange } from "@synod/state-machines";
import type { FastifyReply } from "fastify";
import type { NodeTuning } from "../../roles/role-context.js";
import { ChangeFeed } from "../change-feed.js";
import { ChatReader, chatEvent } from "./chat-reader.js";
import type { ChatService } from "./chat-service.js";
import { notLoggedIn } from "./login-token.js";

/** How often a stream says that it lives, in milliseconds. */
const HEARTBEAT_MS = 2000;

/** How long a node may fail to find out whether it is behind before its streams end, in milliseconds. */
const FRESH_WITHIN_MS = 5000;

/** How often a node that has streams looks whether it is behind, in milliseconds. */
const LOOK_EVERY_MS = 2000;

/** The chat of this node. */
export interface ChatHere {
  /** As of now: a snapshot may replace it. */
  readonly chat: () => Chat;
  /** The slot of that state. */
  readonly appliedThrough: () => number;
  /** Reads from this node's own state alone, which it waits for to be as far as all others'. */
  readonly service: ChatService;
}

export interface OpenRequest {
  /** The digest of the login's token. */
  readonly token: string;
  /** What comes after this slot is to be told; null: what comes from now on. */
  readonly after: number | null;
  readonly timeoutMs: number;
}

/** The streams of what is new, at one node: each is told what this node's own state goes through. */
export class ChatStreams {
  readonly #feed: ChangeFeed<ChatChange>;
  readonly #tuning: NodeTuning;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(tuning: NodeTuning, faults: NodeFaults | null) {
    this.#tuning = tuning;
    this.#feed = new ChangeFeed({
      charactersOf: charactersOfChatChange,
      limits: tuning.changes,
      whilePaused: () => faults?.whilePaused() ?? null,
    });
  }

  /** How many are open. */
  get count(): number {
    return this.#feed.size;
  }

  get compactedThrough(): number {
    return this.#feed.compactedThrough;
  }

  push(slot: number, changes: readonly ChatChange[]): void {
    this.#feed.push(slot, changes);
  }

  /** The state was replaced by one of this slot. */
  restart(through: number): void {
    this.#feed.restart(through);
  }

  /**
   * Answers with a stream of what concerns the user of this login, once this node's state is as far as all that was
   * acknowledged before: so that it has the login if there is one, and all that the reader was told elsewhere.
   *
   * @throws {RequestRefused} if there is no such login, or the node does not get there in time
   * @throws {NotServed} if there are too many streams
   */
  async open(reply: FastifyReply, here: ChatHere, { token, after, timeoutMs }: OpenRequest): Promise<void> {
    await here.service.ask({ type: "login", token }, { timeoutMs });
    // From here on nothing changes before the stream is open: what is read now is one state.
    const login = here.chat().loginOf(token);
    if (login === null) throw notLoggedIn();
    const seenAt = here.appliedThrough();
    if (after !== null && after > seenAt) throw noSuchEvent(after);
    // What was told to one who had the name before is not for one who has it now.
    const from = Math.max(after ?? seenAt, login.createdAt);
    const stream = SseStream.open(reply, {
      onOverflow: "close",
      heartbeatMs: this.#tuning.heartbeatMs ?? HEARTBEAT_MS,
    });
    stream.send(chatEvent({ type: "started", user: login.user }, from));
    const reader = new ChatReader({ user: login.user, token, seenAt }, here.chat);
    this.#feed.watch({ stream, response: reply.raw }, reader, from);
    this.#lookLater(here);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /**
   * Whoever is connected to a node that the others cannot reach is told nothing, and must know: the streams of a node that
   * does not find out in time whether it is behind end, and their readers turn to another.
   */
  #lookLater(here: ChatHere): void {
    if (this.#timer || this.#isClosed) return;
    const timeoutMs = this.#tuning.chat?.freshWithinMs ?? FRESH_WITHIN_MS;
    const look = async () => {
      try {
        await here.service.ask({ type: "counts" }, { timeoutMs });
      } catch {
        this.#feed.endStreams();
      }
      this.#timer = null;
      if (this.count > 0) this.#lookLater(here);
    };
    this.#timer = setTimeout(look, Math.min(LOOK_EVERY_MS, timeoutMs)).unref();
  }
}

function noSuchEvent(after: number): RequestRefused {
  return new RequestRefused(
    "bad-request",
    `last-event-id is ${after}, and this chat has no event of that id yet: send what its stream told, or leave it out to ` +
      "begin now",
  );
}
