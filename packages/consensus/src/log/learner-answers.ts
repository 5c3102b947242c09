import type { NodeId } from "../core/participant.js";
import type { LogApplication } from "./application.js";
import type { Query, QueryAnswer, QueryRefused, Slot } from "./messages.js";
import { WaitingQueries } from "./waiting-queries.js";

/** What an answer needs of its participant's outbox. */
interface Out {
  sendBeforeWrites(to: NodeId, message: QueryAnswer | QueryRefused): void;
  timer(timer: string, afterMs: number | null): void;
}

/** What bounds them. */
interface Limits {
  /** Questions that wait for a slot; more are refused. */
  readonly waitingQueries: number;
  /** The answers to one message, in characters, unless the first alone is longer. */
  readonly answerCharacters: number;
}

/** The answers of whoever has the state to questions: at once if it is far enough, or as soon as it is, or that it was not in time. */
export class LearnerAnswers {
  readonly #application: LogApplication;
  readonly #limits: Limits;
  readonly #out: Out;
  readonly #waiting = new WaitingQueries();

  constructor({ application }: { readonly application: LogApplication }, limits: Limits, out: Out) {
    this.#application = application;
    this.#limits = limits;
    this.#out = out;
  }

  /** The questions that wait for a slot. */
  get waiting(): number {
    return this.#waiting.size;
  }

  ask(from: NodeId, query: Query, appliedThrough: Slot | 0): void {
    if (query.atLeast <= appliedThrough) this.#answer(from, query, appliedThrough);
    else if (query.waitMs <= 0) this.#refuse(from, query, "behind", appliedThrough);
    else if (this.#waiting.size >= this.#limits.waitingQueries) this.#refuse(from, query, "overloaded", appliedThrough);
    else this.#out.timer(this.#waiting.add(from, query).timer, query.waitMs);
  }

  /** More is applied than before: whoever waited for it is answered. */
  applied(appliedThrough: Slot | 0): void {
    for (const { from, query, timer } of this.#waiting.takeReady(appliedThrough)) {
      this.#out.timer(timer, null);
      this.#answer(from, query, appliedThrough);
    }
  }

  /** A timer went off: if it is that of a question, its time is up. */
  timeout(timer: string, appliedThrough: Slot | 0): void {
    const expired = this.#waiting.takeExpired(timer);
    if (expired) this.#refuse(expired.from, expired.query, "behind", appliedThrough);
  }

  /** As many as one message has room for, and one at least. */
  #answer(from: NodeId, { requestId, queries }: Query, slot: Slot | 0): void {
    const answers: string[] = [];
    let characters = 0;
    for (const query of queries) {
      const answer = this.#application.read(query);
      characters += answer.length;
      if (answers.length > 0 && characters > this.#limits.answerCharacters) break;
      answers.push(answer);
    }
    this.#out.sendBeforeWrites(from, { type: "query-answer", requestId, slot, answers });
  }

  #refuse(from: NodeId, { requestId }: Query, reason: "behind" | "overloaded", appliedThrough: Slot | 0): void {
    this.#out.sendBeforeWrites(from, { type: "query-refused", requestId, reason, appliedThrough });
  }
}
