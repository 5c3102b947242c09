import type { Effect } from "./effect.js";
import type { KeyHistory } from "./operation.js";
import { PrefixStates, type States, ValueStates } from "./states.js";
import { TaggedTexts } from "./tagged-texts.js";

/** Kinds of effect as numbers. */
export const Kind = { observe: 0, refute: 1, assign: 2, exchange: 3, append: 4 } as const;

/** After every line: when an operation returns that never does. */
export const NEVER = 2 ** 31 - 1;

/** One operation as the search reads it. */
export interface Step {
  /** Its place in the order of the calls, from 0. */
  readonly number: number;
  readonly kind: number;
  /** Of observe and exchange: the state they must find. Of the others: -1. */
  readonly needs: number;
  /** Of assign and exchange: the state they leave. Of the others: -1. */
  readonly leaves: number;
  readonly refuted: readonly number[];
  /** Of observe: the text of the state, as it was seen. Of the others: null. */
  readonly observed: string | null;
  /** What append adds. */
  readonly text: string;
  readonly call: number;
  /** NEVER: the operation may also never take effect. */
  readonly return: number;
  /** Equal for operations that do the same. */
  readonly sort: number;
  /** Its bit among the operations that are open at the same time. */
  readonly slot: number;
}

/** The operations of one key, made ready for the search. */
export interface SearchPlan {
  /** In the order of their calls. */
  readonly steps: readonly Step[];
  readonly states: States;
  /** Who wrote what was seen; null if that cannot be told, or nothing is appended. */
  readonly tags: TaggedTexts | null;
  readonly initial: number;
  /** Those that must take effect, in the order of their returns. */
  readonly required: readonly Step[];
  /** How many bits tell the operations apart that can be open at the same time. */
  readonly slots: number;
}

export function planOf({ initial, operations }: Pick<KeyHistory, "initial" | "operations">): SearchPlan {
  const effects = operations.map(({ effect }) => effect);
  const appends = effects.some(({ kind }) => kind === "append");
  const tags = appends ? TaggedTexts.of(effects) : null;
  const marked = tags ? effects.map((effect) => markedEffect(effect, tags)) : effects;
  const states = appends ? new PrefixStates(marked.flatMap(seenBy)) : new ValueStates();
  const initialId = states.idOf(tags?.markedAs(initial, false) ?? initial);
  const sorts = new Map<string, number>();
  const returns = operations.map(({ returnLine }) => returnLine ?? NEVER);
  const { slotOf, slots } = slotsOf(
    operations.map(({ callLine }) => callLine),
    returns,
  );
  const steps = marked.map((effect, number): Step => {
    const name = JSON.stringify(effect);
    const sort = sorts.get(name) ?? sorts.size;
    sorts.set(name, sort);
    const nothing = { needs: -1, leaves: -1, refuted: [], text: "" };
    const original = effects[number];
    const observed = original?.kind === "observe" ? original.state : null;
    const position = {
      call: operations[number]?.callLine ?? 0,
      return: returns[number] ?? NEVER,
      slot: slotOf[number] ?? 0,
    };
    return { number, ...nothing, observed, kind: Kind[effect.kind], ...statesOf(effect, states), sort, ...position };
  });
  const required = steps.filter((step) => step.return !== NEVER).sort((one, other) => one.return - other.return);
  return { steps, states, tags, initial: initialId, required, slots };
}

/** The effect on texts that are marked with where they began. */
function markedEffect(effect: Effect, tags: TaggedTexts): Effect {
  switch (effect.kind) {
    case "observe":
      return { ...effect, state: tags.marked(effect.state) };
    case "refute":
      return { ...effect, states: effect.states.map((state) => tags.marked(state)) };
    case "assign":
      return { ...effect, state: tags.markedAs(effect.state, true) };
    default:
      return effect;
  }
}

function seenBy(effect: Effect): readonly string[] {
  if (effect.kind === "observe") return [effect.state];
  return effect.kind === "refute" ? effect.states : [];
}

function statesOf(effect: Effect, states: States): Partial<Step> {
  switch (effect.kind) {
    case "observe":
      return { needs: states.idOf(effect.state) };
    case "refute":
      return { refuted: effect.states.map((state) => states.idOf(state)) };
    case "assign":
      return { leaves: states.idOf(effect.state) };
    case "exchange":
      return { needs: states.idOf(effect.from), leaves: states.idOf(effect.to) };
    case "append":
      return { text: effect.text };
  }
}

/** Gives each operation a bit that no other operation has while it is open; bits are used again. */
function slotsOf(calls: readonly number[], returns: readonly number[]): { slotOf: number[]; slots: number } {
  const slotOf: number[] = [];
  const free: number[] = [];
  let slots = 0;
  const byReturn = [...returns.keys()].sort((one, other) => (returns[one] ?? 0) - (returns[other] ?? 0));
  let ended = 0;
  for (const [index, call] of calls.entries()) {
    for (let next = byReturn[ended]; next !== undefined && (returns[next] ?? NEVER) < call; next = byReturn[ended]) {
      free.push(slotOf[next] ?? 0);
      ended++;
    }
    slotOf[index] = free.pop() ?? slots++;
  }
  return { slotOf, slots };
}
