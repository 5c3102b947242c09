/** Requests that began in the same moment, and have the same time. */
interface Group {
  readonly timer: string;
  readonly requestIds: string[];
  open: number;
}

const DEADLINE = "deadline ";

/** The times of a client's requests: those that begin in the same moment with the same time share a timer. */
export class Deadlines {
  readonly #setTimer: (timer: string, afterMs: number | null) => void;
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<string, Group>();
  /** The groups of this moment, by their time in milliseconds. */
  readonly #current = new Map<number, Group>();
  #count = 0;

  constructor(setTimer: (timer: string, afterMs: number | null) => void) {
    this.#setTimer = setTimer;
  }

  begin(requestId: string, timeoutMs: number): void {
    const group = this.#current.get(timeoutMs) ?? this.#open(timeoutMs);
    group.requestIds.push(requestId);
    group.open++;
    this.#groupOf.set(requestId, group);
  }

  /** The request is answered. */
  end(requestId: string): void {
    const group = this.#groupOf.get(requestId);
    if (group === undefined) return;
    this.#groupOf.delete(requestId);
    group.open--;
    if (group.open === 0) this.#close(group);
  }

  /** What begins from now on has a timer of its own. */
  momentIsOver(): void {
    this.#current.clear();
  }

  /** A timer went off. @returns the requests whose time is up; none if it is not one of these timers */
  timeout(timer: string): readonly string[] {
    const group = this.#groups.get(timer);
    if (group === undefined) return [];
    this.#groups.delete(timer);
    this.#leaveMoment(group);
    return group.requestIds.filter((requestId) => this.#groupOf.get(requestId) === group);
  }

  #open(timeoutMs: number): Group {
    const group: Group = { timer: DEADLINE + ++this.#count, requestIds: [], open: 0 };
    this.#groups.set(group.timer, group);
    this.#current.set(timeoutMs, group);
    this.#setTimer(group.timer, timeoutMs);
    return group;
  }

  #close(group: Group): void {
    if (!this.#groups.delete(group.timer)) return;
    this.#setTimer(group.timer, null);
    this.#leaveMoment(group);
  }

  /** Its timer runs no more: whoever still begins in this moment needs another one. */
  #leaveMoment(group: Group): void {
    for (const [timeoutMs, current] of this.#current) if (current === group) this.#current.delete(timeoutMs);
  }
}
