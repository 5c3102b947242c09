import type { NodeId, Outgoing, Ready } from "../src/core/participant.js";
import { Random } from "../src/core/random.js";
import type { ProposerMessage } from "../src/paxos/messages.js";
import { Proposer, type ProposerOptions } from "../src/paxos/proposer.js";
import type { ProposeCommand, ProposerReply, ProposerState, ProposerWrite } from "../src/paxos/proposer-state.js";
import { RecordedAcceptor } from "./recorded-acceptor.js";

type Step = Ready<ProposerMessage, ProposerWrite, never, ProposerReply>;

/** A few acceptors and the proposers that talk to them, one batch of messages at a time, whenever the test says so. */
export class SmallPool {
  readonly names: readonly NodeId[];
  readonly #acceptors = new Map<NodeId, RecordedAcceptor>();
  readonly #down = new Set<NodeId>();

  constructor(size: number) {
    this.names = Array.from({ length: size }, (_, index) => `${index + 1}`);
    for (const name of this.names) this.#acceptors.set(name, new RecordedAcceptor());
  }

  at(name: NodeId): RecordedAcceptor {
    const acceptor = this.#acceptors.get(name);
    if (!acceptor) throw new Error(`no acceptor ${name}`);
    return acceptor;
  }

  takeDown(...names: NodeId[]): void {
    for (const name of names) this.#down.add(name);
  }

  bringUp(...names: NodeId[]): void {
    for (const name of names) this.#down.delete(name);
  }

  proposer(options: Partial<ProposerOptions> = {}, state?: ProposerState): Proposer {
    return new Proposer(
      {
        acceptors: this.names,
        contactCount: this.names.length,
        index: 0,
        attempts: 1,
        phaseTimeoutMs: 1000,
        backOffMs: 100,
        random: Random.fromSeed(1),
        ...options,
      },
      state,
    );
  }

  /** Delivers what a proposer sent and gives it the answers; its next messages wait for the next call. */
  deliver(proposer: Proposer, messages: readonly Outgoing<ProposerMessage>[]): Step {
    const next = { messages: [], replies: [], writes: [], timers: [], decided: [] } as {
      [K in Exclude<keyof Step, "mark">]: Step[K][number][];
    };
    for (const { to, message } of messages) {
      if (message.type !== "prepare" && message.type !== "accept") throw new Error(`sent a ${message.type}`);
      const { id, instance, type: request } = message;
      const answer: ProposerMessage = this.#down.has(to)
        ? { type: "no-response", request, id, instance }
        : this.at(to).ask<never>(message);
      const step = proposer.step({ kind: "message", from: to, message: answer });
      next.messages.push(...step.messages);
      next.replies.push(...step.replies);
      next.writes.push(...step.writes);
      next.timers.push(...step.timers);
    }
    return next;
  }

  /** One proposal from the beginning to its outcome, with nobody in between; waits are over at once. */
  propose(proposer: Proposer, command: Partial<ProposeCommand>): ProposerReply {
    let step = proposer.step({ ...proposeInput, command: { ...proposeInput.command, ...command } });
    for (;;) {
      const [answer] = step.replies;
      if (answer) return answer.reply;
      step =
        step.messages.length > 0
          ? this.deliver(proposer, step.messages)
          : proposer.step({ kind: "timeout", timer: "back-off" });
    }
  }
}

const proposeInput = {
  kind: "propose",
  requestId: "request",
  command: { instance: 1, value: "own", id: null },
} as const;
