import { signal } from "@preact/signals";
import type { ChatAccountsReply } from "@synod/api";
import type { Outcome } from "../../server/outcome.js";
import { patternOf } from "../../words/chat/pattern.js";
import { type Caller, get } from "./caller.js";
import { settled } from "./settled.js";

/** Names on a page. */
const MOST_NAMES = 20;

/** A page of accounts. */
export interface PeoplePage {
  readonly pattern: string;
  /** The names after which each page up to this one begins; null: at the first name. */
  readonly begins: readonly (string | null)[];
  readonly outcome: Outcome<ChatAccountsReply>;
}

/** The search for accounts. */
export class People {
  readonly #caller: Caller;
  readonly typed = signal("");
  /** The page that is shown; null while nothing is searched for. */
  readonly page = signal<PeoplePage | null>(null);
  #turn = 0;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Searches for this, once nothing else was typed for a moment. */
  async type(text: string): Promise<void> {
    this.typed.value = text;
    const turn = ++this.#turn;
    if (text.trim() === "") {
      this.page.value = null;
      return;
    }
    await settled();
    if (turn === this.#turn) await this.#list(patternOf(text), [null]);
  }

  /** Who is meant by what is typed: the only one who was found, or the one who is called so; null if nobody is. */
  get meant(): string | null {
    const outcome = this.page.value?.outcome;
    const users = outcome?.kind === "answered" ? outcome.body.users : [];
    return users.find((name) => users.length === 1 || name === this.typed.value.trim()) ?? null;
  }

  /** The page after the one that is shown. */
  async next(): Promise<void> {
    const page = this.page.value;
    if (page?.outcome.kind !== "answered" || page.outcome.body.next === null) return;
    await this.#list(page.pattern, [...page.begins, page.outcome.body.next]);
  }

  /** The page before the one that is shown. */
  async previous(): Promise<void> {
    const page = this.page.value;
    if (page && page.begins.length > 1) await this.#list(page.pattern, page.begins.slice(0, -1));
  }

  async #list(pattern: string, begins: PeoplePage["begins"]): Promise<void> {
    const turn = ++this.#turn;
    const query = { pattern, after: begins.at(-1) ?? null, limit: MOST_NAMES };
    const outcome = await this.#caller.request<ChatAccountsReply>(get("/chat/accounts", query));
    if (turn === this.#turn) this.page.value = { pattern, begins, outcome };
  }
}
