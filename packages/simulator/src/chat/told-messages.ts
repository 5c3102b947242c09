import type { Slot } from "@synod/consensus";
import type { ChatMessage } from "@synod/state-machines";
import type { ChatModel } from "./chat-model.js";
import type { ChatReport } from "./properties.js";

/** Holds the messages that anybody is told of against the lists of all that were sent. */
export class ToldMessages {
  readonly #model: ChatModel;

  constructor(model: ChatModel) {
    this.#model = model;
  }

  /** @param who was told this message, in words */
  told(who: string, { id, from, to, text, time }: ChatMessage, report: ChatReport): void {
    const what = `"${text}" of ${from} to ${to} at ${time}`;
    const sent = this.#model.message(id);
    const named = sent && `"${sent.text}" of ${sent.from} to ${sent.to} at ${sent.time}`;
    if (named !== what)
      report("messages-come-once", `${who} is told that message ${id} is ${what}, and that is ${named ?? "none"}`);
  }

  /** Whoever is told what is there is not told of what was deleted. */
  isThere(who: string, { id }: ChatMessage, slot: Slot | 0, report: ChatReport): void {
    const { until = Number.MAX_SAFE_INTEGER } = this.#model.message(id) ?? {};
    if (until <= slot) report("deleted-is-gone", `${who} is told message ${id}, which was deleted in slot ${until}`);
  }

  /** A page of a conversation: what it tells, and what it ought to tell. */
  page(who: string, told: readonly ChatMessage[], ought: readonly ChatMessage[], report: ChatReport): void {
    for (const [place, { id }] of told.entries()) {
      const before = told[place - 1]?.id ?? 0;
      if (id <= before) report("conversations-are-in-order", `${who} is told message ${id} behind message ${before}`);
    }
    const ids = new Set(told.map(({ id }) => id));
    const missing = ought.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
    if (missing.length > 0) report("messages-are-kept", `${who} is not told the messages ${missing.join(", ")}`);
  }
}
