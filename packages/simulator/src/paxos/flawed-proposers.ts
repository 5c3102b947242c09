import {
  type Acceptance,
  type Attempt,
  type Input,
  type NodeId,
  type PrepareAnswer,
  type ProposeCommand,
  Proposer,
  type ProposerMessage,
  type ProposerOptions,
  type ProposerState,
} from "@synod/consensus";
import type { ProposerPart } from "./parts.js";

type ProposerInput = Input<ProposerMessage, ProposeCommand>;

/** Which of the acceptances heard of, in the order in which they were heard, a proposer takes; null: none. */
export type Pick = (heard: readonly Acceptance[]) => Acceptance | null;

/** The real proposer, which hears only of the acceptance that this rule picks. */
export class PickingProposer implements ProposerPart {
  readonly #options: ProposerOptions;
  readonly #pick: Pick;
  #proposer: Proposer;
  /** What the promises of the attempt under way really said. */
  #heard: { readonly id: number; readonly from: NodeId; readonly accepted: Acceptance | null }[] = [];

  constructor(proposer: Proposer, options: ProposerOptions, pick: Pick) {
    this.#proposer = proposer;
    this.#options = options;
    this.#pick = pick;
  }

  get state(): unknown {
    return { ...this.#proposer.state, heard: this.#heard };
  }

  step(input: ProposerInput): ReturnType<ProposerPart["step"]> {
    const attempt = this.#proposer.state.round?.attempts.at(-1);
    this.#heard = this.#heard.filter(({ id }) => id === attempt?.id);
    if (input.kind !== "message" || input.message.type !== "promise" || input.message.id !== attempt?.id) {
      return this.#proposer.step(input);
    }
    const { from, message } = input;
    if (!this.#heard.some((one) => one.from === from)) this.#heard.push({ ...message, from });
    const picked = this.#pick(this.#heard.flatMap(({ accepted }) => accepted ?? []));
    const seenAs = (answer: PrepareAnswer, node: NodeId) => as(answer, this.#of(node), picked);
    const prepares = Object.entries(attempt.prepares).map(([node, answer]) => [node, seenAs(answer, node)]);
    this.#proposer = new Proposer(
      this.#options,
      withPrepares(this.#proposer.state, Object.fromEntries(prepares) as Attempt["prepares"]),
    );
    return this.#proposer.step({ ...input, message: seenAs(message, from) });
  }

  #of(node: NodeId): Acceptance | null {
    return this.#heard.find(({ from }) => from === node)?.accepted ?? null;
  }
}

/** A promise that names its acceptance only if that is the one picked. */
function as(answer: PrepareAnswer, accepted: Acceptance | null, picked: Acceptance | null): PrepareAnswer {
  if (answer.type !== "promise") return answer;
  const isPicked = accepted?.acceptedId === picked?.acceptedId && accepted?.acceptedValue === picked?.acceptedValue;
  return { ...answer, accepted: isPicked ? accepted : null };
}

function withPrepares(state: ProposerState, prepares: Attempt["prepares"]): ProposerState {
  const { round } = state;
  const last = round?.attempts.at(-1);
  if (!round || !last) return state;
  return { ...state, round: { ...round, attempts: [...round.attempts.slice(0, -1), { ...last, prepares }] } };
}

/** The value that most of them name; of equally many, the one heard first. */
export const mostFrequent: Pick = (heard) => {
  let best: Acceptance | null = null;
  let most = 0;
  for (const one of heard) {
    const count = heard.filter(({ acceptedValue }) => acceptedValue === one.acceptedValue).length;
    if (count > most) [best, most] = [one, count];
  }
  return best;
};

/** The real proposer, on a host that never tells it that time has passed. */
export function waitingForEver(proposer: ProposerPart): ProposerPart {
  return {
    step: (input) => ({ ...proposer.step(input), timers: [] }),
    get state() {
      return proposer.state;
    },
  };
}

/** The real proposer, to which every promise belongs to the attempt under way. */
export function countingStalePromises(proposer: Proposer): ProposerPart {
  return {
    step: (input) => {
      const attempt = proposer.state.round?.attempts.at(-1);
      if (input.kind !== "message" || input.message.type !== "promise" || !attempt) return proposer.step(input);
      return proposer.step({ ...input, message: { ...input.message, id: attempt.id } });
    },
    get state() {
      return proposer.state;
    },
  };
}
