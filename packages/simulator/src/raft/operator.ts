import {
  type Input,
  type NodeId,
  type OperatorAnswer,
  type Outgoing,
  type Participant,
  type RaftMessage,
  type Ready,
  ready,
  type Term,
} from "@synod/consensus";
import type { Operation } from "./raft-kinds.js";

type Step = Ready<RaftMessage, never>;
type ByHand = Operation & { readonly kind: "stale-append" | "call-election" | "timeout-now" };
type Asked = Exclude<Operation, ByHand>;

/** Something that the leader is asked for, until somebody says what came of it. */
interface Open {
  readonly requestId: string;
  readonly operation: Asked;
  asks: number;
}

const ANSWER_MS = 80;
const MOST_ASKS = 12;
/** Beyond every log of a simulation. */
const FAR = 1_000_000;
/** A value that nobody asked for. */
const STALE = "by hand";

/**
 * Whoever looks after a cluster: asks for transfers and for other members, at one server after another until the leader
 * is found; and sends messages of Raft by hand, to see them refused. By hand it breaks no rule that Raft rests on: what
 * it says of a leader it says of a term that its server knows to be over.
 */
export class Operator implements Participant<RaftMessage, never, Operation> {
  readonly #name: NodeId;
  readonly #servers: readonly NodeId[];
  readonly #open = new Map<string, Open>();
  /** What is done by hand to a server as soon as its term is known. */
  readonly #byHand = new Map<NodeId, ByHand>();
  #leader: NodeId | null = null;
  #next = 0;

  constructor(name: NodeId, servers: readonly NodeId[]) {
    this.#name = name;
    this.#servers = servers;
  }

  get state() {
    return { open: [...this.#open.keys()], leader: this.#leader };
  }

  step(input: Input<RaftMessage, Operation>): Step {
    if (input.kind === "propose") return this.#begin(input.requestId, input.command);
    if (input.kind === "timeout") return this.#askNext(input.timer);
    if (input.kind === "durable") return ready({});
    const { from, message } = input;
    if (message.type === "operator-answer") return this.#answered(message);
    if (message.type === "vote" && message.preVote) return this.#actByHand(from, message.term);
    return ready({});
  }

  #begin(requestId: string, operation: Operation): Step {
    if (operation.kind === "transfer" || operation.kind === "change-members") {
      this.#open.set(requestId, { requestId, operation, asks: 0 });
      return this.#ask(requestId, this.#leader ?? this.#nextServer());
    }
    // Nobody's term changes by such a question, and the answer names it.
    this.#byHand.set(operation.server, operation);
    const log = { lastIndex: 0, lastTerm: 0 };
    const question = { type: "request-vote", term: 0, candidate: this.#name, ...log } as const;
    return ready({ messages: [{ to: operation.server, message: { ...question, preVote: true, transfer: false } }] });
  }

  // --- What a leader does --------------------------------------------------------------------------------------------

  #ask(requestId: string, to: NodeId): Step {
    const open = this.#open.get(requestId);
    if (open === undefined) return ready({});
    if (++open.asks > MOST_ASKS) {
      this.#open.delete(requestId);
      return ready({ timers: [{ timer: requestId, afterMs: null }] });
    }
    const { operation } = open;
    const message: RaftMessage =
      operation.kind === "transfer"
        ? { type: "transfer-leadership", requestId, to: operation.server }
        : { type: "change-membership", requestId, change: operation.change, server: operation.server };
    return ready({ messages: [{ to, message }], timers: [{ timer: requestId, afterMs: ANSWER_MS }] });
  }

  /** Nobody answered, or nobody leads. */
  #askNext(requestId: string): Step {
    return this.#ask(requestId, this.#leader ?? this.#nextServer());
  }

  #answered({ requestId, outcome, leader }: OperatorAnswer): Step {
    const open = this.#open.get(requestId);
    this.#leader = leader;
    if (open === undefined) return ready({});
    // It is asked again when the time for an answer is over.
    if (outcome === "not-leader" && leader === null) return ready({});
    if (outcome === "not-leader" && leader !== null) return this.#ask(requestId, leader);
    if (outcome === "too-early" || outcome === "busy") return ready({});
    this.#open.delete(requestId);
    return ready({ timers: [{ timer: requestId, afterMs: null }] });
  }

  #nextServer(): NodeId {
    return this.#servers[this.#next++ % this.#servers.length] as NodeId;
  }

  // --- By hand -------------------------------------------------------------------------------------------------------

  #actByHand(server: NodeId, term: Term): Step {
    const operation = this.#byHand.get(server);
    this.#byHand.delete(server);
    const message = operation && this.#messageOf(operation, term);
    const messages: Outgoing<RaftMessage>[] = message ? [{ to: server, message }] : [];
    return ready({ messages });
  }

  /** @param term one that the server has been in: nothing that is said of an earlier one may be heard there */
  #messageOf(operation: ByHand, term: Term): RaftMessage | null {
    const name = this.#name;
    switch (operation.kind) {
      case "stale-append": {
        if (term === 0) return null;
        const entries = [{ term: term - 1, value: STALE }];
        const place = { previousIndex: 0, previousTerm: 0, entries, commitIndex: FAR, sequence: FAR };
        return { type: "append-entries", term: term - 1, leader: name, ...place };
      }
      case "call-election": {
        const log = operation.hasLog ? { lastIndex: FAR, lastTerm: term } : { lastIndex: 0, lastTerm: 0 };
        const { transfer } = operation;
        return { type: "request-vote", term: term + 1, candidate: name, ...log, preVote: false, transfer };
      }
      case "timeout-now":
        return { type: "timeout-now", term, leader: name };
    }
  }
}
