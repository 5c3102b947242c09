import {
  Acceptor,
  type AcceptorOptions,
  type AcceptorReply,
  type AcceptorRequest,
  type AcceptorState,
  type AcceptorWrite,
  applyAcceptorWrite,
  freshAcceptorState,
  type Input,
} from "@synod/consensus";
import type { AcceptorPart } from "./parts.js";

type Heard = Input<AcceptorRequest | AcceptorReply>;

/** Answers at once, and writes to its disk meanwhile. */
export function answeringEarly(acceptor: AcceptorPart): AcceptorPart {
  return {
    step: (input) => {
      const ready = acceptor.step(input);
      return { ...ready, messages: ready.messages.map((message) => ({ ...message, beforeWrites: true as const })) };
    },
    get state() {
      return acceptor.state;
    },
  };
}

/** The real acceptor, with something done to its state after each step; what that writes is written, too. */
export class MeddledAcceptor implements AcceptorPart {
  readonly #options: AcceptorOptions;
  readonly #meddle: (state: AcceptorState, input: Heard) => readonly AcceptorWrite[];
  #acceptor: Acceptor;

  /** @param meddle changes the state that it is given, and says what it wrote */
  constructor(
    disk: readonly AcceptorWrite[],
    options: AcceptorOptions,
    meddle: (state: AcceptorState, input: Heard) => readonly AcceptorWrite[],
  ) {
    const state = freshAcceptorState();
    for (const write of disk) {
      const isAgain = write.kind === "truncated" && write.through <= state.truncatedThrough;
      if (!isAgain) applyAcceptorWrite(state, write);
    }
    this.#acceptor = new Acceptor(state, options);
    this.#options = options;
    this.#meddle = meddle;
  }

  get state(): AcceptorState {
    return this.#acceptor.state;
  }

  step(input: Heard): ReturnType<AcceptorPart["step"]> {
    const ready = this.#acceptor.step(input);
    const state = { ...this.state, entries: [...this.state.entries] };
    const more = this.#meddle(state, input);
    this.#acceptor = new Acceptor(state, this.#options);
    return { ...ready, writes: [...ready.writes, ...more] };
  }
}

/** Has room for one proposal only: the last one, in whatever slot that is. */
export function keepingOne(state: AcceptorState): readonly AcceptorWrite[] {
  let last = state.entries[0];
  for (const entry of state.entries) if (last && entry.acceptedId >= last.acceptedId) last = entry;
  (state.entries as unknown[]).splice(0, state.entries.length, ...(last ? [last] : []));
  return [];
}

/** Forgets that anything was truncated. */
export function forgettingTruncation(state: AcceptorState): readonly AcceptorWrite[] {
  Object.assign(state, { truncatedThrough: 0 });
  return [];
}

/** Takes all that it has in slots that a leader calls decided for decided, under whatever id it was accepted. */
export function decidingAll(state: AcceptorState, input: Heard): readonly AcceptorWrite[] {
  if (input.kind !== "message" || input.message.type !== "accept-log" || !input.message.decided) return [];
  const { from, through } = input.message.decided;
  const undecided = state.entries.filter(
    ({ instance, decided }) => instance >= from && instance <= through && decided === undefined,
  );
  const ids = new Set(undecided.map(({ acceptedId }) => acceptedId));
  const writes = [...ids].map((id): AcceptorWrite => ({ kind: "decided", id, from, through }));
  for (const write of writes) applyAcceptorWrite(state, write);
  return writes;
}
