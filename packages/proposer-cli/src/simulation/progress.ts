import type { CampaignSummary } from "@synod/simulator";
import type { Terminal } from "../terminal/terminal.js";
import { counted, grouped, spanInWords } from "./figures.js";

/** Who waits less than this has nothing to wonder about. */
const FIRST_WORD_MS = 1000;
const REWRITE_EVERY_MS = 200;
/** A log is not a terminal: it keeps every line. */
const LINE_EVERY_MS = 5000;

/** Says on stderr how far a long work is: in one line that changes, or where that cannot be, in a line now and then. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #begin = performance.now();
  readonly #timer: NodeJS.Timeout;
  #words: (elapsedMs: number) => string;
  #lastMs = 0;

  /** @param words what there is to say after so many milliseconds */
  constructor(terminal: Terminal, words: (elapsedMs: number) => string) {
    this.#terminal = terminal;
    this.#words = words;
    this.#timer = setInterval(() => this.#tell(), REWRITE_EVERY_MS);
  }

  /** From now on it is about something else. */
  turnsTo(words: (elapsedMs: number) => string): void {
    this.#words = words;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#terminal.rewrite("");
  }

  #tell(): void {
    const { outputClosed, canRewrite } = this.#terminal;
    const elapsedMs = performance.now() - this.#begin;
    // Nobody reads what is to come.
    if (outputClosed.aborted || elapsedMs < FIRST_WORD_MS) return;
    if (canRewrite) {
      this.#terminal.rewrite(this.#words(elapsedMs));
    } else if (elapsedMs - this.#lastMs >= LINE_EVERY_MS) {
      this.#lastMs = elapsedMs;
      this.#terminal.note(this.#words(elapsedMs));
    }
  }
}

/** How far a campaign is. */
export function campaignInWords({ schedules, brokenCount }: CampaignSummary, total: number, elapsedMs: number): string {
  const rate = `${grouped(Math.round((schedules / elapsedMs) * 1000))}/s`;
  const found = brokenCount === 0 ? "no violation" : `${grouped(brokenCount)} broken`;
  return `${grouped(schedules)} of ${counted(total, "schedule")}, ${rate}, ${spanInWords(elapsedInUs(elapsedMs))}, ${found}`;
}

/** As a span of microseconds, in whole milliseconds. */
export function elapsedInUs(elapsedMs: number): number {
  return Math.round(elapsedMs) * 1000;
}
