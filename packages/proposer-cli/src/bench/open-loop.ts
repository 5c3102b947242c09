import type { LoopStage } from "./load.js";
import type { LoadConnection } from "./load-connection.js";

/** How often it is looked what is due, in milliseconds: Node has no finer timer. */
const LOOK_EVERY_MS = 1;

/** A timer may be that late without anybody being to blame but the timer. */
const TIMER_LATE_MS = 3;

/**
 * Requests come at a steady rate, whether or not those before are answered. Where none of the connections is free, a
 * request waits, and its time runs from when it was due: so what a server does not answer makes all those behind it late,
 * as it would for the users behind them, and nothing is left out (Tene's coordinated omission).
 */
export async function openLoop(stage: LoopStage, rate: number): Promise<void> {
  const arrivals = new Arrivals(stage, rate);
  await arrivals.untilAllAnswered();
}

class Arrivals {
  readonly #stage: LoopStage;
  readonly #betweenMs: number;
  readonly #beginMs = performance.now();
  readonly #free: LoadConnection[];
  /** When those that wait for a connection were due. */
  readonly #waiting: number[] = [];
  #nextWaiting = 0;
  #arrived = 0;
  #isWarmingUp = true;
  #answersAll: () => void = () => {};

  constructor(stage: LoopStage, rate: number) {
    this.#stage = stage;
    this.#betweenMs = 1000 / rate;
    this.#free = [...stage.connections];
  }

  async untilAllAnswered(): Promise<void> {
    const { interrupted } = this.#stage;
    const look = () => this.#look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    // At once, before anybody looks at what was measured.
    interrupted.addEventListener("abort", look);
    try {
      await new Promise<void>((resolve) => {
        this.#answersAll = resolve;
        look();
      });
    } finally {
      interrupted.removeEventListener("abort", look);
      // It would keep this process from ending.
      clearInterval(timer);
    }
  }

  /** Sends what is due, as far as connections are free. */
  #look(): void {
    const { fromMs, endMs, interrupted } = this.#stage;
    if (interrupted.aborted) {
      this.#giveUpWaiting();
      this.#answersAll();
      return;
    }
    const now = performance.now();
    if (this.#isWarmingUp && now >= fromMs) {
      // What waits since then would stand before all that is counted.
      this.#isWarmingUp = false;
      this.#giveUpWaiting();
    }
    for (let due = this.#nextDue(); due <= now && due < endMs; due = this.#nextDue()) {
      this.#arrived++;
      const connection = this.#free.pop();
      if (connection) this.#send(connection, now - due <= TIMER_LATE_MS ? now : due);
      else this.#waiting.push(due);
    }
    if (now >= endMs) this.#giveUpWaiting();
    const isOver = this.#nextDue() >= endMs && !this.#waits();
    if (isOver && this.#free.length === this.#stage.connections.length) this.#answersAll();
  }

  #nextDue(): number {
    return this.#beginMs + this.#arrived * this.#betweenMs;
  }

  #waits(): boolean {
    return this.#nextWaiting < this.#waiting.length;
  }

  #send(connection: LoadConnection, beginMs: number): void {
    this.#stage.send(connection, beginMs, () => {
      // Before this connection is free: what became due while none was has waited since then.
      this.#look();
      if (this.#waits()) return this.#send(connection, this.#waiting[this.#nextWaiting++] as number);
      this.#free.push(connection);
      this.#look();
    });
  }

  /** To send all that was due would take as long again as the servers are too slow. */
  #giveUpWaiting(): void {
    while (this.#waits()) this.#stage.givesUp(this.#waiting[this.#nextWaiting++] as number);
  }
}
