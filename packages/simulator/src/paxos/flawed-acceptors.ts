import {
  Acceptor,
  type AcceptorOptions,
  type AcceptorState,
  type AcceptorWrite,
  applyAcceptorWrite,
  freshAcceptorState,
  type Input,
  NO_PROPOSAL,
  type ProposalId,
  type Ready,
} from "@synod/consensus";
import { type AcceptorPart, acceptorWith, type Parts } from "./parts.js";
import type { PaxosKinds } from "./paxos-kinds.js";

type AcceptorInput = Input<PaxosKinds["message"]>;
type Step = Ready<PaxosKinds["message"], AcceptorWrite>;

/** Its outputs, changed on their way to the driver. */
export function changingOutputs(part: AcceptorPart, change: (ready: Step) => Step): AcceptorPart {
  return {
    step: (input) => change(part.step(input) as Step) as ReturnType<AcceptorPart["step"]>,
    get state() {
      return part.state;
    },
  };
}

/** The real acceptor, which has forgotten, when such a message comes, that it ever promised or accepted a higher id. */
export class YieldingAcceptor implements AcceptorPart {
  readonly #yieldsTo: "prepare" | "accept";
  readonly #options: AcceptorOptions;
  #acceptor: Acceptor;

  constructor(yieldsTo: "prepare" | "accept", disk: readonly AcceptorWrite[], options: AcceptorOptions) {
    this.#yieldsTo = yieldsTo;
    this.#options = options;
    let state = freshAcceptorState();
    for (const write of disk) {
      const { promisedId } = state;
      if (write.kind !== "truncated") state = withoutAbove(state, write.id, write.kind === "promised");
      applyAcceptorWrite(state, write);
      if (write.kind === "accepted") state = { ...state, promisedId: Math.max(promisedId, write.id) };
    }
    this.#acceptor = new Acceptor(state, options);
  }

  get state(): AcceptorState {
    return this.#acceptor.state;
  }

  step(input: AcceptorInput): ReturnType<AcceptorPart["step"]> {
    const { promisedId } = this.state;
    if (input.kind !== "message" || input.message.type !== this.#yieldsTo || input.message.id > promisedId) {
      return this.#acceptor.step(input as Parameters<Acceptor["step"]>[0]);
    }
    const { id, type } = input.message;
    this.#acceptor = new Acceptor(withoutAbove(this.state, id, type === "prepare"), this.#options);
    const step = this.#acceptor.step(input as Parameters<Acceptor["step"]>[0]);
    if (type === "accept") this.#acceptor = new Acceptor({ ...this.state, promisedId }, this.#options);
    return step;
  }
}

/** The state of an acceptor that never heard of ids above this one; nor, if `andThis`, of a promise of this one. */
function withoutAbove(state: AcceptorState, id: ProposalId, andThis: boolean): AcceptorState {
  const promisedId = Math.min(state.promisedId, andThis ? Math.max(NO_PROPOSAL, id - 1) : id);
  // A promise leaves alone what was accepted; an accept must find a place that nothing higher has taken.
  const entries = andThis ? state.entries : state.entries.filter(({ acceptedId }) => acceptedId <= id);
  return { ...state, promisedId, entries: [...entries] };
}

/** The real acceptor, whose acceptances are never kept: it answers, and has accepted nothing. */
export class ForgettingAcceptor implements AcceptorPart {
  readonly #options: AcceptorOptions;
  #acceptor: Acceptor;

  constructor(disk: readonly AcceptorWrite[], options: AcceptorOptions) {
    this.#options = options;
    this.#acceptor = acceptorWith(disk, options);
  }

  get state(): AcceptorState {
    return this.#acceptor.state;
  }

  step(input: AcceptorInput): ReturnType<AcceptorPart["step"]> {
    const { promisedId } = this.state;
    const ready = this.#acceptor.step(input as Parameters<Acceptor["step"]>[0]);
    this.#acceptor = new Acceptor({ ...this.state, entries: [] }, this.#options);
    return { ...ready, writes: onlyPromises(ready.writes, promisedId) };
  }
}

/** The writes with every acceptance turned into the promise that it implies, where that is news. */
export function onlyPromises(
  writes: readonly AcceptorWrite[],
  above: ProposalId | typeof NO_PROPOSAL = NO_PROPOSAL,
): AcceptorWrite[] {
  let promisedId = above;
  return writes.flatMap((write): AcceptorWrite[] => {
    if (write.kind === "truncated") return [write];
    if (write.id <= promisedId) return [];
    promisedId = write.id;
    return [{ kind: "promised", id: write.id }];
  });
}

/** An acceptor that starts with something else than its disk holds. */
export function readingDiskAs(
  parts: Parts,
  change: (disk: readonly AcceptorWrite[]) => readonly AcceptorWrite[],
): Parts {
  return { ...parts, acceptor: (disk, options) => parts.acceptor(change(disk), options) };
}
