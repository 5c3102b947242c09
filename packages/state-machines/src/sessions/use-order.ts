import type { Session } from "./session.js";

/**
 * Sessions in the order of their last use, as a chain: every step takes the same time however many there are. (A Map
 * that is put in anew at each use has the same order, but finding its oldest passes over all that was taken out.)
 */
export class UseOrder {
  #oldest: Session | null = null;
  #newest: Session | null = null;

  /** The one whose last use is longest ago; null if there is none. */
  get oldest(): Session | null {
    return this.#oldest;
  }

  /** Puts a session that is not in the order at its end. */
  add(session: Session): void {
    session.older = this.#newest;
    session.newer = null;
    if (this.#newest) this.#newest.newer = session;
    else this.#oldest = session;
    this.#newest = session;
  }

  remove(session: Session): void {
    const { older, newer } = session;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    session.older = null;
    session.newer = null;
  }

  /** Moves a session to the end. */
  use(session: Session): void {
    if (session === this.#newest) return;
    this.remove(session);
    this.add(session);
  }

  /** From the oldest to the newest. */
  *[Symbol.iterator](): Generator<Session> {
    for (let session = this.#oldest; session; session = session.newer) yield session;
  }
}
