import {
  type Input,
  isMajority,
  type LogMessage,
  type NodeId,
  type Participant,
  type PromiseLog,
  type Ready,
  ready,
} from "@synod/consensus";
import type { ByHand } from "./multipaxos-kinds.js";

type Step = Ready<LogMessage, never>;

/** A value on its way into the log by hand. */
interface Plan {
  readonly command: ByHand & { readonly kind: "accept-by-hand" };
  readonly promisedBy: NodeId[];
  /** The last slot that any of them has something in. */
  last: number;
}

/**
 * A person at a terminal, who knows Paxos: sends prepares that pre-empt whoever leads, and puts values into the log that
 * no client asked for, but into slots of which a majority promised that nothing is accepted there.
 */
export class Person implements Participant<LogMessage, never, ByHand> {
  readonly #acceptors: readonly NodeId[];
  #plan: Plan | null = null;

  constructor(acceptors: readonly NodeId[]) {
    this.#acceptors = acceptors;
  }

  get state() {
    return this.#plan;
  }

  step(input: Input<LogMessage, ByHand>): Step {
    if (input.kind === "propose") return this.#begin(input.command);
    if (input.kind === "message" && input.message.type === "promise-log") return this.#hear(input.from, input.message);
    return ready({});
  }

  #begin(command: ByHand): Step {
    if (command.kind === "accept-by-hand") this.#plan = { command, promisedBy: [], last: 0 };
    const acceptors = command.kind === "accept-by-hand" ? this.#acceptors : command.acceptors;
    return ready({
      messages: acceptors.map((to) => ({ to, message: { type: "prepare-log", id: command.id, from: 1 } })),
    });
  }

  #hear(from: NodeId, { id, page }: PromiseLog): Step {
    const plan = this.#plan;
    // A page that does not tell all is not read on: the person gives up.
    if (plan === null || plan.command.id !== id || page.next !== null || plan.promisedBy.includes(from))
      return ready({});
    plan.promisedBy.push(from);
    plan.last = Math.max(plan.last, page.truncatedThrough, ...page.entries.map(({ instance }) => instance));
    if (!isMajority(plan.promisedBy, this.#acceptors.length)) return ready({});
    this.#plan = null;
    const { ahead, value } = plan.command;
    const message = { type: "accept", id, instance: plan.last + ahead, value } as const;
    return ready({ messages: this.#acceptors.map((to) => ({ to, message })) });
  }
}
