import { SESSION_EXPIRED, SUPERSEDED, WINDOW_EXCEEDED } from "./applied-result.js";
import type { SessionPosition } from "./envelope.js";
import { Session } from "./session.js";
import { type SessionLimits, sessionLimits } from "./session-limits.js";
import { UseOrder } from "./use-order.js";

/**
 * Makes every command happen exactly once, however often its value is in the log: a leader proposes anew what an older
 * one left behind, and a client sends again what it had no answer to. It keeps what came of each command until the
 * client says that it has it (Ongaro, "Consensus: Bridging Theory and Practice", 2014, §6.3). Where we differ:
 *
 * - A client names itself, at random, so that its opening can be sent again like any command; the thesis' names are the
 *   slots that registered them. A session is known by both: its name, and the slot that opened it. So a late copy of an
 *   opening, which opens an expired session anew, makes another one, in which no old command is carried out.
 * - Sessions expire by the order of slots in which they were used, never by a clock: the same at every replica.
 * - A session's commands may come in any order, since a client may have many under way.
 *
 * Deterministic: the same calls give the same table. Every step takes constant time, spread over many.
 */
export class SessionTable {
  readonly limits: SessionLimits;
  readonly #sessions = new Map<string, Session>();
  readonly #order = new UseOrder();
  #replyCount = 0;
  #replyCharacters = 0;

  constructor(limits: Partial<SessionLimits> = {}) {
    this.limits = sessionLimits(limits);
  }

  /** Sessions that live. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Replies that are kept. */
  get replyCount(): number {
    return this.#replyCount;
  }

  /** The sessions that live, least recently used first. */
  get sessions(): Iterable<Session> {
    return this.#order;
  }

  /** The slot that opened this client's session; null if none lives. */
  openedAt(client: string): number | null {
    return this.#sessions.get(client)?.openedAt ?? null;
  }

  /** Opens a session, unless it lives: then this is one more use of it. @returns the slot that opened it */
  open(slot: number, client: string): number {
    const known = this.#sessions.get(client);
    if (known) this.#order.use(known);
    else this.add(new Session(client, slot));
    return known?.openedAt ?? slot;
  }

  /** Takes a session in, whose name must be new, as the one used last. */
  add(session: Session): void {
    this.#sessions.set(session.client, session);
    this.#order.add(session);
    this.#replyCount += session.replies.size;
    this.#replyCharacters += session.characters;
    this.#makeRoomFor(session);
  }

  /**
   * What comes of a command: what `carryOut` gives, which is called if the command is to be carried out, and at no
   * other time; what it gave before, if it was; or the reason why nothing is done.
   */
  once(command: SessionPosition, carryOut: () => string): string {
    const { client, openedAt, sequence, firstUnacknowledged } = command;
    const session = this.#sessions.get(client);
    if (session?.openedAt !== openedAt) return SESSION_EXPIRED;
    this.#order.use(session);
    // First of all: what is acknowledged makes room for this very command.
    this.#acknowledge(session, firstUnacknowledged);
    if (sequence < session.firstUnacknowledged) return SUPERSEDED;
    const kept = session.replies.get(sequence);
    if (kept !== undefined) return kept;
    if (this.#isTooFarAhead(session, sequence) || this.#isFull(session, sequence)) return WINDOW_EXCEEDED;
    const reply = carryOut();
    session.keep(sequence, reply);
    this.#replyCount++;
    this.#replyCharacters += reply.length;
    this.#makeRoomFor(session);
    return reply;
  }

  /**
   * What came of a command that was applied at this slot, as far as that is certain; else null. Changes nothing: it is
   * no use of the session.
   */
  recall(slot: number, { client, openedAt, sequence }: SessionPosition): string | null {
    const session = this.#sessions.get(client);
    // What this session knows says nothing about what another one of this name did.
    if (session?.openedAt !== openedAt || slot <= openedAt) return null;
    if (sequence < session.firstUnacknowledged) return SUPERSEDED;
    // What is acknowledged only rises: what is too far ahead now was so then.
    return session.replies.get(sequence) ?? (this.#isTooFarAhead(session, sequence) ? WINDOW_EXCEEDED : null);
  }

  #acknowledge(session: Session, below: number): void {
    const { characters } = session;
    const count = session.replies.size;
    session.acknowledgeBelow(below);
    this.#replyCount -= count - session.replies.size;
    this.#replyCharacters -= characters - session.characters;
  }

  #isTooFarAhead(session: Session, sequence: number): boolean {
    return sequence - session.firstUnacknowledged >= this.limits.sequencesAhead;
  }

  /**
   * One session must not fill the table for all. The first sequence that is not acknowledged always finds room: the
   * client waits for it before it can acknowledge anything above.
   */
  #isFull(session: Session, sequence: number): boolean {
    if (sequence === session.firstUnacknowledged) return false;
    return session.replies.size >= this.limits.replies || session.characters * 2 >= this.limits.replyCharacters;
  }

  /** Lets the least recently used sessions expire until all limits hold; never the one in use, which is the newest. */
  #makeRoomFor(inUse: Session): void {
    for (
      let oldest = this.#order.oldest;
      oldest && oldest !== inUse && this.#isOverfull();
      oldest = this.#order.oldest
    ) {
      this.#sessions.delete(oldest.client);
      this.#order.remove(oldest);
      this.#replyCount -= oldest.replies.size;
      this.#replyCharacters -= oldest.characters;
    }
  }

  #isOverfull(): boolean {
    const { sessions, replies, replyCharacters } = this.limits;
    return this.#sessions.size > sessions || this.#replyCount > replies || this.#replyCharacters > replyCharacters;
  }
}
