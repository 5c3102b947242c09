import { type Input, type NodeId, type Participant, type Ready, ready } from "../core/participant.js";
import { IDS_PER_ROUND, LAST_CAREFREE_ID, PERSON_INDEX, type ProposalId } from "../core/proposal-id.js";
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
  /** Set where log proposers use this acceptor: what a person may then send by hand. Absent: everything. */
  readonly cluster?: {
    /** Whether accepts are taken from people at all. */
    readonly acceptsByHand: boolean;
  };
}

/** How far beyond the last slot in use a person may put a value: somebody must fill what lies between. */
export const MOST_AHEAD_BY_HAND = 1000;

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
  readonly #cluster: AcceptorOptions["cluster"];

  /** @param state what an earlier life left; taken over, not copied */
  constructor(state: AcceptorState = freshAcceptorState(), options: AcceptorOptions = {}) {
    this.#state = state;
    this.#learners = options.learners ?? [];
    this.#cluster = options.cluster;
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
      case "truncate-log":
        return this.#truncate(request.through);
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
    const { promisedId } = this.#state;
    if (this.#cluster && id > LAST_CAREFREE_ID) {
      return unchanged(refused("id-too-high", id, instance, entryAt(this.#state, instance)));
    }
    const truncated = this.#truncated(instance);
    // The promise is for the whole log: it is made also where this instance has nothing more to tell.
    if (truncated && id > promisedId) {
      return { writes: [{ kind: "promised", id }], reply: { ...truncated, promisedId: id, promised: true } };
    }
    if (truncated) return unchanged(truncated);
    const accepted = acceptanceOf(entryAt(this.#state, instance));
    if (id <= promisedId) return unchanged({ type: "prepare-ignored", id, instance, promisedId, accepted });
    return { writes: [{ kind: "promised", id }], reply: { type: "promise", id, instance, accepted } };
  }

  /** Phase 2b: accept unless a higher id was promised (P1a). */
  #accept({ id, instance, value }: Accept): Outcome {
    const refusal = this.#refusal(id, instance, value) ?? this.#refusalByHand(id, instance, value);
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
  #acceptLog({ id, entries, sequence, decided }: AcceptLog): Outcome {
    const duplicate = placeOfDuplicate(entries);
    const writes: AcceptorWrite[] = [];
    for (const [place, { instance, value }] of entries.entries()) {
      if (place === duplicate) {
        return unchanged({ type: "refused", id, instance, reason: "duplicate-instance", accepted: null });
      }
      const refusal = this.#refusal(id, instance, value);
      if (refusal) return unchanged(refusal);
      if (!this.#isRepeat(id, instance)) writes.push({ kind: "accepted", id, instance, value, byHand: false });
    }
    const { promisedId } = this.#state;
    if (id < promisedId) return unchanged({ type: "accept-log-ignored", id, promisedId });
    if (writes.length === 0 && id > promisedId) writes.push({ kind: "promised", id });
    if (decided) writes.push({ kind: "decided", id, ...decided });
    const instances = entries.map(({ instance }) => instance);
    if (sequence === undefined) return { writes, reply: { type: "accepted-log", id, instances } };
    return { writes, reply: { type: "accepted-log", id, instances, sequence } };
  }

  #truncate(through: Instance): Outcome {
    const { truncatedThrough } = this.#state;
    if (through <= truncatedThrough) return unchanged({ type: "log-truncated", truncatedThrough });
    return { writes: [{ kind: "truncated", through }], reply: { type: "log-truncated", truncatedThrough: through } };
  }

  #read(request: AcceptorRequest & { type: "read-state" | "read-history" | "read-log" }): AcceptorReply {
    const { promisedId } = this.#state;
    if (request.type === "read-log") {
      return { type: "log", from: request.from, promisedId, page: pageOfLog(this.#state, request.from, request.limit) };
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
    if (entry === undefined || entry.acceptedValue === value) return null;
    // "Different proposals have different numbers" (§2.2): under one id there is one value, or its proposer is broken.
    if (entry.acceptedId === id) return refused("value-conflict", id, instance, entry);
    // P2b: no later proposal has another value than the chosen one, or its proposer is broken.
    if (entry.decided && id >= this.#state.promisedId) return refused("already-decided", id, instance, entry);
    return null;
  }

  /** Why this cluster does not take this accept from a person, if so. */
  #refusalByHand(id: ProposalId, instance: Instance, value: string): Refused | null {
    if (this.#cluster === undefined) return null;
    const { entries, truncatedThrough } = this.#state;
    const entry = entryAt(this.#state, instance);
    if (id > LAST_CAREFREE_ID) return refused("id-too-high", id, instance, entry);
    // Log proposers never use these ids, so that one id never carries a person's value and another one.
    if (id % IDS_PER_ROUND !== PERSON_INDEX) return refused("not-a-persons-id", id, instance, entry);
    if (entry?.decided && entry.acceptedValue !== value) return refused("already-decided", id, instance, entry);
    if (!this.#cluster.acceptsByHand) return refused("by-hand-off", id, instance, entry);
    const last = entries.at(-1)?.instance ?? truncatedThrough;
    return instance > last + MOST_AHEAD_BY_HAND ? refused("too-far-ahead", id, instance, entry) : null;
  }

  /** Whether this very proposal is accepted already, so that nothing needs to be written again. */
  #isRepeat(id: ProposalId, instance: Instance): boolean {
    return entryAt(this.#state, instance)?.acceptedId === id;
  }
}

/** The place of the first entry whose instance was named before; null if there is none. */
function placeOfDuplicate(entries: AcceptLog["entries"]): number | null {
  let highest = 0;
  let isAscending = true;
  for (const { instance } of entries) {
    isAscending &&= instance > highest;
    highest = instance;
  }
  if (isAscending) return null;
  const seen = new Set<Instance>();
  for (const [place, { instance }] of entries.entries()) {
    if (seen.has(instance)) return place;
    seen.add(instance);
  }
  return null;
}

function refused(
  reason: Refused["reason"],
  id: ProposalId,
  instance: Instance,
  entry: AcceptorEntry | undefined,
): Refused {
  return { type: "refused", id, instance, reason, accepted: acceptanceOf(entry) };
}

function unchanged(reply: AcceptorReply): Outcome {
  return { writes: [], reply };
}

function acceptanceOf(entry: AcceptorEntry | undefined): Acceptance | null {
  return entry ? { acceptedId: entry.acceptedId, acceptedValue: entry.acceptedValue } : null;
}
