import type { Kinds, System } from "../world/system.js";
import type { Action } from "../world/world-event.js";
import { type Replayed, replay } from "./replay.js";

export interface Shrunk<K extends Kinds = Kinds> extends Replayed<K> {
  /** How many replays it took. */
  readonly replays: number;
  /** True if it still breaks the property with none of its actions left out; false if the bound came first. */
  readonly isMinimal: boolean;
}

/** Replays some actions; null if they do not break the property. */
type Attempt<K extends Kinds> = (actions: readonly Action<K>[]) => Replayed<K> | null;

/** Enough for runs of some thousand actions. */
const MOST_REPLAYS = 20_000;
/** Of all replays together: what is left of a long run after so many is not as short as could be, but nobody waits longer. */
const MOST_ACTIONS = 1_500_000;

/**
 * Leaves out of a run whatever it can while the same property is still broken (delta debugging: Zeller and Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", 2002): first large parts, then single actions, until none can go.
 *
 * @returns null if the actions do not break the property at all
 */
export function shrink<K extends Kinds>(
  system: System<K>,
  seed: number,
  actions: readonly Action<K>[],
  property: string,
): Shrunk<K> | null {
  let replays = 0;
  let performed = 0;
  const isOver = () => replays >= MOST_REPLAYS || performed >= MOST_ACTIONS;
  const attempt: Attempt<K> = (some) => {
    if (isOver()) return null;
    replays++;
    performed += some.length;
    const replayed = replay(system, seed, some, [property]);
    return replayed.violation ? replayed : null;
  };
  let best = attempt(actions);
  if (!best) return null;
  let size = Math.ceil(best.actions.length / 2);
  while (!isOver()) {
    const smaller: Replayed<K> | null = withoutSomePart(best, size, attempt);
    if (smaller) best = smaller;
    else if (size > 1) size = Math.ceil(size / 2);
    else {
      // In another order something more may turn out not to be needed.
      const prompt: Replayed<K> = withPromptDisks(best, attempt);
      const less: Replayed<K> | null = withoutSomePart(prompt, 1, attempt);
      if (!less && !isOver()) return { ...prompt, replays, isMinimal: true };
      best = less ?? prompt;
    }
  }
  return { ...best, replays, isMinimal: false };
}

/** Lets each disk write as soon as it has something to write, where that breaks the property as well: easier to follow. */
function withPromptDisks<K extends Kinds>(from: Replayed<K>, attempt: Attempt<K>): Replayed<K> {
  let best = from;
  for (let place = 0; place < from.actions.length; place++) {
    const action = best.actions[place];
    if (action?.kind !== "flush" && action?.kind !== "synced") continue;
    const earlier = best.actions.slice(0, place);
    const cause = earlier.map(({ node }) => node).lastIndexOf(action.node);
    if (cause === place - 1) continue;
    const moved = [
      ...earlier.slice(0, cause + 1),
      action,
      ...earlier.slice(cause + 1),
      ...best.actions.slice(place + 1),
    ];
    const replayed = attempt(moved);
    if (replayed?.actions.length === best.actions.length) best = replayed;
  }
  return best;
}

/** Tries each part of this size, latest first: what came last is closest to the harm, and what it needs shows soonest. */
function withoutSomePart<K extends Kinds>(from: Replayed<K>, size: number, attempt: Attempt<K>): Replayed<K> | null {
  let best: Replayed<K> | null = null;
  let { actions } = from;
  for (let end = actions.length; end > 0; end -= size) {
    const start = Math.max(0, end - size);
    const rest = attempt([...actions.slice(0, start), ...actions.slice(end)]);
    // Less may have been done than was asked for; more cannot.
    if (!rest || rest.actions.length >= actions.length) continue;
    best = rest;
    ({ actions } = rest);
    end = Math.min(end, actions.length + size);
  }
  return best;
}
