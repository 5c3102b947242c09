import type { NodeId } from "../core/participant.js";
import type { ClientParts } from "./client.js";
import type { LogOutcome } from "./client-options.js";
import type { NoAnswer, QueryAnswer, QueryRefused, Slot, SubmitRefusal } from "./messages.js";

/** One read of a client. */
export interface Read {
  readonly requestId: string;
  readonly query: string;
  readonly timeoutMs: number;
  atLeast: Slot | 0;
  /** The learner that was asked last; null before its barrier. */
  learner: NodeId | null;
  isOver: boolean;
  isBehind: boolean;
  refusal: SubmitRefusal | null;
  messages: number;
  sharedBy: number;
}

/** Reads that are asked of a learner in one message. */
interface Question {
  readonly number: number;
  reads: readonly Read[];
  readonly atLeast: Slot | 0;
  /** How long the learner may wait for the slot. */
  readonly waitMs: number;
  /** Null while it waits to be asked again. */
  learner: NodeId | null;
  /** Learners in a row that nobody listens at. */
  deaf: number;
}

const QUERY = "query ";
const QUERY_RETRY = "query retry ";
/** Nobody listens at any learner, so often in a row: then there is none. */
const DEAF_ROUNDS = 2;
/** Reads in one message at most: an answer may be a page of a million characters. */
const MOST_IN_ONE = 32;

/** Asks learners, many reads in a message; where one does not help, the next one. */
export class LearnerQuestions {
  readonly #parts: ClientParts;
  readonly #end: (read: Read, outcome: LogOutcome) => void;
  readonly #open = new Map<string, Question>();
  #count = 0;
  #learner = 0;

  constructor(parts: ClientParts, end: (read: Read, outcome: LogOutcome) => void) {
    this.#parts = parts;
    this.#end = end;
  }

  ask(reads: readonly Read[]): void {
    for (const alike of groups(reads.filter(({ isOver }) => !isOver))) {
      for (let from = 0; from < alike.length; from += MOST_IN_ONE) {
        this.#send(this.#question(alike.slice(from, from + MOST_IN_ONE), 0));
      }
    }
  }

  answered(from: NodeId, { requestId, slot, answers }: QueryAnswer): void {
    const question = this.#open.get(requestId);
    if (question === undefined || slot < question.atLeast) return;
    const { reads } = question;
    if (answers.length === 0 || answers.length > reads.length) return;
    this.#close(question);
    for (const [place, read] of reads.entries()) {
      read.messages += 2;
      read.sharedBy = Math.max(read.sharedBy, reads.length);
      const answer = answers[place];
      if (read.isOver || answer === undefined) continue;
      const { messages, sharedBy } = read;
      this.#end(read, { kind: "answered", slot, answer, learner: from, cost: { messages, sharedBy } });
    }
    // What found no room in the answer.
    this.ask(reads.slice(answers.length));
  }

  refused({ requestId, reason }: QueryRefused): void {
    const question = this.#open.get(requestId);
    if (question === undefined) return;
    question.deaf = 0;
    if (reason === "behind") for (const read of question.reads) read.isBehind = true;
    this.#askNext(question);
  }

  noAnswer(requestId: string, arrived: NoAnswer["arrived"]): void {
    const question = this.#open.get(requestId);
    if (question === undefined) return;
    question.deaf = arrived === "certainly-not" ? question.deaf + 1 : 0;
    if (question.deaf >= DEAF_ROUNDS * this.#parts.options.learners.length) this.#giveUp(question);
    else this.#askNext(question);
  }

  timeout(timer: string): void {
    if (timer.startsWith(QUERY_RETRY)) {
      const question = this.#open.get(timer.slice(QUERY_RETRY.length));
      if (question) this.#sendIfWanted(question);
    } else if (timer.startsWith(QUERY)) {
      const question = this.#open.get(timer.slice(QUERY.length));
      if (question) this.#askNext(question);
    }
  }

  /** This learner was of no help: the next question goes to another one. */
  leave(learner: NodeId): void {
    const { learners } = this.#parts.options;
    const place = learners.indexOf(learner);
    if (this.#learner % learners.length === place) this.#learner = place + 1;
  }

  #question(reads: readonly Read[], deaf: number): Question {
    const [{ atLeast, timeoutMs } = { atLeast: 0, timeoutMs: 0 }] = reads;
    // Half of their time: a learner's word that it is behind must come before the time is up.
    const waitMs = Math.min(this.#parts.timing.attemptMs, Math.floor(timeoutMs / 2));
    const question = { number: ++this.#count, reads, atLeast, waitMs, learner: null, deaf };
    this.#open.set(String(question.number), question);
    return question;
  }

  #sendIfWanted(question: Question): void {
    // Meanwhile the time of some may be up.
    question.reads = question.reads.filter(({ isOver }) => !isOver);
    if (question.reads.length === 0) this.#open.delete(String(question.number));
    else this.#send(question);
  }

  #send(question: Question): void {
    const { options, out } = this.#parts;
    const learner = options.learners[this.#learner % options.learners.length];
    if (learner === undefined) {
      this.#giveUp(question);
      return;
    }
    const { number, reads, atLeast, waitMs } = question;
    question.learner = learner;
    for (const read of reads) read.learner = learner;
    const queries = reads.map(({ query }) => query);
    out.send(learner, { type: "query", requestId: String(number), queries, atLeast, waitMs });
    // The learner itself waits that long for the slot; and another one must have time after it.
    out.timer(QUERY + number, Math.ceil(1.5 * waitMs));
  }

  /** This learner does not help: the next one, a little later. Under another number, so that no late answer counts. */
  #askNext(question: Question): void {
    if (question.learner !== null) this.leave(question.learner);
    this.#close(question);
    const reads = question.reads.filter(({ isOver }) => !isOver);
    if (reads.length === 0) return;
    const next = this.#question(reads, question.deaf);
    this.#parts.out.timer(QUERY_RETRY + next.number, this.#parts.timing.retryMs);
  }

  #giveUp(question: Question): void {
    this.#close(question);
    for (const read of question.reads) {
      if (!read.isOver) this.#end(read, { kind: "refused", reason: "no-learner" });
    }
  }

  #close({ number }: Question): void {
    this.#open.delete(String(number));
    this.#parts.out.timer(QUERY + number, null);
  }
}

/** Reads that need the same slot, and have the same time for it. */
function groups(reads: readonly Read[]): Iterable<Read[]> {
  const [first] = reads;
  if (first === undefined) return [];
  const isLikeFirst = (read: Read) => read.atLeast === first.atLeast && read.timeoutMs === first.timeoutMs;
  if (reads.every(isLikeFirst)) return [[...reads]];
  const alike = new Map<string, Read[]>();
  for (const read of reads) {
    const key = `${read.atLeast} ${read.timeoutMs}`;
    const group = alike.get(key);
    if (group) group.push(read);
    else alike.set(key, [read]);
  }
  return alike.values();
}
