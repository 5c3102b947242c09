import { setMaxListeners } from "node:events";
import type { AcceptReply, PrepareReply } from "@synod/api";
import type { AcceptorClient } from "@synod/client";
import {
  type AcceptAnswer,
  type Attempt,
  Driver,
  type Input,
  type NodeId,
  type PrepareAnswer,
  type ProposeCommand,
  Proposer,
  type ProposerMessage,
  type ProposerOptions,
  type ProposerReply,
  type ProposerWrite,
  type Round,
} from "@synod/consensus";
import { type Answer, answerOf } from "../asking.js";
import { acceptAnswer, prepareAnswer } from "./answers.js";

export type Phase = "prepare" | "accept";

/** How a proposal ended; or that the user did not wait for it, and how far it had come. */
export type ProposalEnd = Omit<ProposerReply, "outcome"> & {
  readonly outcome: ProposerReply["outcome"] | "interrupted";
};

/** Hears of a proposal while it is under way. */
export interface ProposalListener {
  /** After each step: where the proposal stands; null when it is done. */
  onStep(round: Round | null): void;
  /** Before an accept leaves. What it throws ends the proposal; thrown at the first one, no accept leaves at all. */
  beforeAccepts(): void;
}

/**
 * Runs the proposer of the toolkit in a command: messages go out over HTTP, timers are real. Its writes are kept in
 * memory only. A person chose the first id, and an id that was used before never gets a majority of promises again,
 * since an acceptor promises each id once.
 */
export class ProposerHost {
  readonly #clients: ReadonlyMap<NodeId, AcceptorClient>;
  readonly #proposer: Proposer;
  readonly #driver: Driver<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>;
  readonly #answers = new Map<string, Answer<unknown>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Ends the calls of a phase when its time is up. */
  #phaseEnd = endOfPhase();
  readonly #listener: ProposalListener;
  #attempts: readonly Attempt[] = [];
  #settle: { resolve: (reply: ProposerReply) => void; reject: (error: unknown) => void } | null = null;

  constructor(
    clients: ReadonlyMap<number, AcceptorClient>,
    options: Omit<ProposerOptions, "acceptors">,
    listener: ProposalListener,
  ) {
    this.#clients = new Map([...clients].map(([id, client]) => [String(id), client]));
    this.#proposer = new Proposer({ ...options, acceptors: [...this.#clients.keys()] });
    this.#listener = listener;
    this.#driver = new Driver(this.#proposer, {
      send: (to, message) => this.#send(to, message),
      reply: (_requestId, reply) => this.#settle?.resolve(reply),
      setTimer: (timer, afterMs) => this.#setTimer(timer, afterMs),
      apply: () => {},
    });
  }

  /**
   * Proposes, and waits for the end of it: at most the time-outs and back-offs of its attempts, or until the signal.
   *
   * @throws what `beforeAccepts` throws
   */
  async run(command: ProposeCommand, interrupted: AbortSignal): Promise<ProposalEnd> {
    let giveUp = () => {};
    try {
      return await new Promise<ProposalEnd>((resolve, reject) => {
        this.#settle = { resolve, reject };
        giveUp = () => resolve(this.#interrupted());
        interrupted.addEventListener("abort", giveUp);
        if (interrupted.aborted) giveUp();
        else this.#step({ kind: "propose", requestId: "proposal", command });
      });
    } finally {
      interrupted.removeEventListener("abort", giveUp);
      this.#phaseEnd.abort();
      for (const timer of this.#timers.values()) clearTimeout(timer);
    }
  }

  #interrupted(): ProposalEnd {
    const mayStillBeChosen = this.#attempts.some(({ acceptsSentTo }) => acceptsSentTo.length > 0);
    return { outcome: "interrupted", chosen: null, mayStillBeChosen, attempts: this.#attempts };
  }

  /** What this server answered to the prepare or accept with this id, word for word; undefined while nothing is known. */
  answerTo(id: number, phase: Phase, server: NodeId): Answer<unknown> | undefined {
    return this.#answers.get(keyOf(id, phase, server));
  }

  /** Every answer so far. */
  get answers(): Iterable<Answer<unknown>> {
    return this.#answers.values();
  }

  #step(input: Input<ProposerMessage, ProposeCommand>): void {
    try {
      this.#driver.step(input);
      const flush = this.#driver.takeWrites();
      if (flush) this.#driver.durable(flush.upTo);
      const { round } = this.#proposer.state;
      this.#attempts = round?.attempts ?? this.#attempts;
      this.#listener.onStep(round);
    } catch (error) {
      this.#settle?.reject(error);
    }
  }

  #send(to: NodeId, message: ProposerMessage): void {
    const client = this.#clients.get(to);
    if (!client) return;
    const { signal } = this.#phaseEnd;
    if (message.type === "prepare") {
      const { id, instance } = message;
      const call = client.prepare({ id, instance }, { signal });
      void this.#hear(to, "prepare", id, call, (answer: Answer<PrepareReply>) => prepareAnswer(message, answer));
    } else if (message.type === "accept") {
      this.#listener.beforeAccepts();
      const { id, instance, value } = message;
      const call = client.accept({ id, instance, value }, { signal });
      void this.#hear(to, "accept", id, call, (answer: Answer<AcceptReply>) => acceptAnswer(message, answer));
    }
  }

  async #hear<T>(
    from: NodeId,
    phase: Phase,
    id: number,
    call: Promise<T>,
    inTheWordsOfTheCore: (answer: Answer<T>) => PrepareAnswer | AcceptAnswer,
  ): Promise<void> {
    try {
      const answer = await answerOf(Number(from), call);
      // Its phase is over: what was given up is no news.
      if ("noAnswer" in answer && answer.noAnswer.reason === "cancelled") return;
      this.#answers.set(keyOf(id, phase, from), answer);
      this.#step({ kind: "message", from, message: inTheWordsOfTheCore(answer) });
    } catch (error) {
      this.#settle?.reject(error);
    }
  }

  #setTimer(timer: string, afterMs: number | null): void {
    clearTimeout(this.#timers.get(timer));
    // A phase ends with its timer, or by setting the next one: its calls end with it.
    this.#phaseEnd.abort();
    this.#phaseEnd = endOfPhase();
    if (afterMs === null) return;
    const fire = () => this.#step({ kind: "timeout", timer });
    this.#timers.set(timer, setTimeout(fire, afterMs));
  }
}

/** Every call of a phase listens to it, and a pool may have many servers: Node is not to call that a leak. */
function endOfPhase(): AbortController {
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  return end;
}

function keyOf(id: number, phase: Phase, server: NodeId): string {
  return `${id} ${phase} ${server}`;
}
