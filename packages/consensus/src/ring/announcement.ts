import type { Outbox } from "../core/outbox.js";
import type { NodeId } from "../core/participant.js";
import type { Chance } from "../core/random.js";
import { backOff, type RingTiming } from "./timing.js";

/** Something that is told to each of many until each has said that it heard it. */
export interface AnnouncementState<M> {
  readonly message: M;
  /** Those that have not said that they heard it. */
  readonly to: readonly NodeId[];
  readonly tries: number;
}

/** What it needs of the outbox of its participant. */
type Telling<M> = Pick<Outbox<M, never>, "send" | "timer">;

/** Tells somebody something again and again, ever more rarely, until they have heard it. */
export class Announcement<M> {
  readonly #timer: string;
  readonly #timing: Pick<RingTiming, "tellMs" | "longestMs">;
  readonly #chance: Chance;
  #state: AnnouncementState<M> | null = null;

  /** @param timer the name of its timer, which nothing else may use */
  constructor(timer: string, timing: Pick<RingTiming, "tellMs" | "longestMs">, chance: Chance) {
    this.#timer = timer;
    this.#timing = timing;
    this.#chance = chance;
  }

  /** Null while there is nothing to tell. */
  get state(): AnnouncementState<M> | null {
    return this.#state;
  }

  begin(message: M, to: readonly NodeId[], outbox: Telling<M>): void {
    this.#state = { message, to, tries: 0 };
    this.#tell(outbox);
  }

  end(outbox: Telling<M>): void {
    if (this.#state === null) return;
    this.#state = null;
    outbox.timer(this.#timer, null);
  }

  heardBy(name: NodeId): void {
    if (this.#state) this.#state = { ...this.#state, to: this.#state.to.filter((one) => one !== name) };
  }

  /** Its timer went off. */
  again(outbox: Telling<M>): void {
    if (this.#state === null) return;
    this.#state = { ...this.#state, tries: this.#state.tries + 1 };
    this.#tell(outbox);
  }

  #tell(outbox: Telling<M>): void {
    if (this.#state === null || this.#state.to.length === 0) return;
    const { message, to, tries } = this.#state;
    for (const name of to) outbox.send(name, message);
    outbox.timer(this.#timer, backOff(this.#timing.tellMs, tries, this.#timing.longestMs, this.#chance));
  }
}
