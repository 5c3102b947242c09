import type { NodeId } from "../core/participant.js";
import type { Chance } from "../core/random.js";
import { type Accepted, type AcceptorReply, SINGLE_DECREE } from "../paxos/messages.js";
import { Announcement } from "./announcement.js";
import type { RingMessage } from "./messages.js";
import type { LearnerPart, RingOutbox } from "./parts.js";
import type { RingTiming } from "./timing.js";

export const TELL_TIMER = "tell";

export interface LearnerRoleOptions {
  /** All acceptors, by name: nobody else is heard. */
  readonly acceptors: readonly NodeId[];
  /** All clients: each is told what is chosen. */
  readonly clients: readonly NodeId[];
  readonly timing: RingTiming;
  readonly chance: Chance;
}

/**
 * The learner among the nodes of a ring: the toolkit's own, and beyond it what lets nobody miss the value. Clients are told
 * until they have heard it; and whoever asks before it is known here makes the learner ask the acceptors, since what they
 * said may have been lost, or said before this learner started.
 */
export class LearnerRole {
  readonly #learner: LearnerPart;
  readonly #options: LearnerRoleOptions;
  readonly #told: Announcement<RingMessage>;

  constructor(learner: LearnerPart, options: LearnerRoleOptions) {
    this.#learner = learner;
    this.#options = options;
    this.#told = new Announcement(TELL_TIMER, options.timing, options.chance);
  }

  get state(): unknown {
    return { ...this.#learner.state, told: this.#told.state };
  }

  /** What is chosen; null while that is not known here. */
  get chosen(): string | null {
    return this.#learner.state.chosen?.acceptedValue ?? null;
  }

  begin(outbox: RingOutbox): void {
    this.#askAcceptors(outbox);
  }

  hear(from: NodeId, message: AcceptorReply, outbox: RingOutbox): void {
    if (!this.#options.acceptors.includes(from)) return;
    const accepted = acceptedIn(message);
    if (accepted === null) return;
    const { decided } = this.#learner.step({ kind: "message", from, message: accepted });
    for (const { slot, command } of decided) {
      outbox.decide(slot, command);
      this.#told.begin({ type: "chosen", value: command }, this.#options.clients, outbox);
    }
  }

  /** A client asks. */
  asked(from: NodeId, outbox: RingOutbox): void {
    const { chosen } = this;
    if (chosen !== null) {
      outbox.send(from, { type: "chosen", value: chosen });
      return;
    }
    this.#askAcceptors(outbox);
    const { tallies } = this.#learner.state;
    const accepted = tallies.reduce((most, { acceptors }) => Math.max(most, acceptors.length), 0);
    outbox.send(from, { type: "not-known", accepted });
  }

  heardBy(client: NodeId): void {
    this.#told.heardBy(client);
  }

  tellAgain(outbox: RingOutbox): void {
    this.#told.again(outbox);
  }

  #askAcceptors(outbox: RingOutbox): void {
    for (const to of this.#options.acceptors) outbox.send(to, { type: "read-state", instance: SINGLE_DECREE });
  }
}

/**
 * The acceptance that an acceptor tells of. What it names as its state it did accept; should a majority name one proposal,
 * that one is chosen (Paxos Made Simple §2.3), whenever each of them accepted it.
 */
function acceptedIn(message: AcceptorReply): Accepted | null {
  if (message.type === "accepted") return message;
  if (message.type !== "state" || message.accepted === null) return null;
  const { acceptedId: id, acceptedValue: value } = message.accepted;
  return { type: "accepted", id, instance: message.instance, value };
}
