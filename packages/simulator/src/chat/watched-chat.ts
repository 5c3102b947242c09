import type { LogApplication } from "@synod/consensus";
import {
  ChangeLog,
  Chat,
  type ChatChange,
  type ChatLimits,
  type ChatOperation,
  charactersOfChatChange,
  ReplicatedState,
  type SessionLimits,
  type StateMachine,
} from "@synod/state-machines";
import { newsSince } from "./news-since.js";

/** Limits that are reached. */
export const SIMULATED_CHAT: Pick<ChatLimits, "messages" | "loginsOfAccount" | "endedLoginsOfAccount"> = {
  messages: 25,
  loginsOfAccount: 3,
  endedLoginsOfAccount: 1,
};
/** Changes that a server keeps for those who watch: so few that some come too late. */
export const CHANGES_KEPT = 15;

/** A chat as its log sees it, and as those see it who watch. */
export type ChatMachine = StateMachine<ChatOperation, ChatChange> & Pick<Chat, "loginOf">;

/** How a server's chat is made. */
export interface WatchedChatParts {
  readonly machine?: ChatMachine;
  readonly changes?: ChangeLog<ChatChange>;
  readonly newsSince?: typeof newsSince;
}

/**
 * The chat of one server, with what it tells those who watch. In the place of a stream of events there is one more
 * question, `{type: "news", token, after}`: a stream that begins behind `after` says what its answer says.
 */
export class WatchedChat implements LogApplication {
  readonly #machine: ChatMachine;
  readonly #state: ReplicatedState<ChatOperation, ChatChange>;
  readonly #changes: ChangeLog<ChatChange>;
  readonly #newsSince: typeof newsSince;

  constructor(limits: Partial<SessionLimits>, parts: WatchedChatParts = {}) {
    this.#machine = parts.machine ?? new Chat(SIMULATED_CHAT);
    this.#changes = parts.changes ?? new ChangeLog(charactersOfChatChange, { changes: CHANGES_KEPT });
    this.#newsSince = parts.newsSince ?? newsSince;
    const observer = { applied: (slot: number, some: readonly ChatChange[]) => this.#changes.push(slot, some) };
    this.#state = new ReplicatedState(this.#machine, { limits, observer });
  }

  apply(slot: number, value: string): string {
    return this.#state.apply(slot, value);
  }

  recall(slot: number, value: string): string | null {
    return this.#state.recall(slot, value);
  }

  read(query: string): string {
    const { type, token, after } = JSON.parse(query);
    if (type !== "news") return this.#state.read(query);
    const login = this.#machine.loginOf(token);
    const answer = login ? this.#newsSince(this.#changes, login, token, after) : { refused: "not-logged-in" };
    return JSON.stringify(answer);
  }

  snapshot(): readonly string[] {
    return this.#state.snapshot();
  }

  restore(pieces: readonly string[], through: number): void {
    this.#state.restore(pieces, through);
    this.#changes.restart(this.#state.appliedThrough);
  }
}
