import { type Input, type NodeId, type Participant, type Ready, ready } from "../core/participant.js";
import type { ProposalId } from "../core/proposal-id.js";
import {
  type AcceptorEntry,
  type AcceptorState,
  type AcceptorWrite,
  applyAcceptorWrite,
  entryAt,
  freshAcceptorState,
} from "./acceptor-state.js";
import { FIRST_PAGE, pageOfLog } from "./log-page.js";
import type {
  Accept,
  Acceptance,
  AcceptLog,
  AcceptorReply,
  AcceptorRequest,
  Instance,
  Prepare,
  PrepareLog,
  Refused,
  Truncated,
} from "./messages.js";

export interface AcceptorOptions {
  /** Told of everything that is accepted in answer to an `accept` (Paxos Made Simple §2.3). Default: nobody. */
  readonly learners?: readonly NodeId[];
}

/** What one request leads to: what must be durable first, and the answer. */
interface Outcome {
  readonly writes: readonly AcceptorWrite[];
  readonly reply: AcceptorReply;
}

/**
 * The acceptor of single-decree Paxos and of the log: one promise for the whole log, one accepted proposal an instance.
 *
 * It keeps two rules. P1a: it accepts a proposal iff it has not promised a higher id. And it promises only upwards,
 * telling the highest-numbered proposal it has accepted (Paxos Made Simple §2.2). Everything else about Paxos is up to
 * the proposers.
 */
export class Acceptor implements Participant<AcceptorRequest | AcceptorReply, AcceptorWrite> {
  readonly #state: AcceptorState;
  readonly #learners: readonly NodeId[];

  /** @param state what an earlier life left; taken over, not copied */
  constructor(state: AcceptorState = freshAcceptorState(), options: AcceptorOptions = {}) {
    this.#state = state;
    this.#learners = options.learners ?? [];
  }

  get state(): AcceptorState {
    return this.#state;
  }

  step(input: Input<AcceptorRequest | AcceptorReply>): Ready<AcceptorRequest | AcceptorReply, AcceptorWrite> {
    if (input.kind !== "message") return ready({});
    const outcome = this.#answer(input.message);
    if (outcome === null) return ready({});
    for (const write of outcome.writes) applyAcceptorWrite(this.#state, write);
    const { writes, reply } = outcome;
    // A repeat is told again: what the learners were told before may have been lost.
    const hearers = reply.type === "accepted" ? [input.from, ...this.#learners] : [input.from];
    return ready({ writes, messages: hearers.map((to) => ({ to, message: reply })) });
  }

  #answer(request: AcceptorRequest | AcceptorReply): Outcome | null {
    switch (request.type) {
      case "prepare":
        return this.#prepare(request);
      case "accept":
        return this.#accept(request);
      case "prepare-log":
        return this.#prepareLog(request);
      case "accept-log":
        return this.#acceptLog(request);
      case "read-state":
      case "read-history":
      case "read-log":
        return { writes: [], reply: this.#read(request) };
      default:
        // An acceptor has no use for answers.
        return null;
    }
  }

  /** Phase 1b: promise iff the id is higher than every id promised before. An equal one is a repeat, and is ignored. */
  #prepare({ id, instance }: Prepare): Outcome {
    const truncated = this.#truncated(instance);
    if (truncated) return unchanged(truncated);
    const accepted = acceptanceOf(entryAt(this.#state, instance));
    const { promisedId } = this.#state;
    if (id <= promisedId) return unchanged({ type: "prepare-ignored", id, instance, promisedId, accepted });
    return { writes: [{ kind: "promised", id }], reply: { type: "promise", id, instance, accepted } };
  }

  /** Phase 2b: accept unless a higher id was promised (P1a). */
  #accept({ id, instance, value }: Accept): Outcome {
    const refusal = this.#refusal(id, instance, value);
    if (refusal) return unchanged(refusal);
    const { promisedId } = this.#state;
    if (id < promisedId) return unchanged({ type: "accept-ignored", id, instance, promisedId });
    return {
      writes: this.#isRepeat(id, instance) ? [] : [{ kind: "accepted", id, instance, value, byHand: true }],
      reply: { type: "accepted", id, instance, value },
    };
  }

  #prepareLog({ id, from }: PrepareLog): Outcome {
    const { promisedId } = this.#state;
    if (id <= promisedId) return unchanged({ type: "prepare-log-ignored", id, promisedId });
    const page = pageOfLog(this.#state, from, FIRST_PAGE);
    return { writes: [{ kind: "promised", id }], reply: { type: "promise-log", id, page } };
  }

  /** All of a batch is accepted, or none of it. */
  #acceptLog({ id, entries }: AcceptLog): Outcome {
    const seen = new Set<Instance>();
    for (const { instance, value } of entries) {
      if (seen.has(instance)) {
        return unchanged({ type: "refused", id, instance, reason: "duplicate-instance", accepted: null });
      }
      seen.add(instance);
      const refusal = this.#refusal(id, instance, value);
      if (refusal) return unchanged(refusal);
    }
    const { promisedId } = this.#state;
    if (id < promisedId) return unchanged({ type: "accept-log-ignored", id, promisedId });
    const writes: AcceptorWrite[] = entries
      .filter(({ instance }) => !this.#isRepeat(id, instance))
      .map(({ instance, value }) => ({ kind: "accepted", id, instance, value, byHand: false }));
    if (writes.length === 0 && id > promisedId) writes.push({ kind: "promised", id });
    return { writes, reply: { type: "accepted-log", id, instances: [...seen] } };
  }

  #read(request: AcceptorRequest & { type: "read-state" | "read-history" | "read-log" }): AcceptorReply {
    const { promisedId } = this.#state;
    if (request.type === "read-log") {
      return { type: "log", promisedId, page: pageOfLog(this.#state, request.from, request.limit) };
    }
    const { instance } = request;
    const truncated = this.#truncated(instance);
    if (truncated) return truncated;
    const entry = entryAt(this.#state, instance);
    if (request.type === "read-state") return { type: "state", instance, promisedId, accepted: acceptanceOf(entry) };
    return {
      type: "history",
      instance,
      history: [...(entry?.history ?? [])],
      missingThroughId: entry?.missingThroughId ?? -1,
    };
  }

  #truncated(instance: Instance): Truncated | null {
    const { truncatedThrough, promisedId } = this.#state;
    return instance <= truncatedThrough ? { type: "truncated", instance, truncatedThrough, promisedId } : null;
  }

  /** Why this proposal can be neither accepted nor ignored, if so. */
  #refusal(id: ProposalId, instance: Instance, value: string): Refused | Truncated | null {
    const truncated = this.#truncated(instance);
    if (truncated) return truncated;
    const entry = entryAt(this.#state, instance);
    // "Different proposals have different numbers" (§2.2): under one id there is one value, or its proposer is broken.
    if (entry?.acceptedId !== id || entry.acceptedValue === value) return null;
    return { type: "refused", id, instance, reason: "value-conflict", accepted: acceptanceOf(entry) };
  }

  /** Whether this very proposal is accepted already, so that nothing needs to be written again. */
  #isRepeat(id: ProposalId, instance: Instance): boolean {
    return entryAt(this.#state, instance)?.acceptedId === id;
  }
}

function unchanged(reply: AcceptorReply): Outcome {
  return { writes: [], reply };
}

function acceptanceOf(entry: AcceptorEntry | undefined): Acceptance | null {
  return entry ? { acceptedId: entry.acceptedId, acceptedValue: entry.acceptedValue } : null;
}
