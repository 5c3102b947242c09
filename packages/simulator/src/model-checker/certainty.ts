import { type Chance, invariant } from "@synod/consensus";

/**
 * Chance, with nothing left to it: a model check explores what may happen, and a participant that draws lots would hide
 * some of that. Waits that are drawn are no choice here, since a timer may go off at any time.
 */
export const CERTAINTY: Chance = {
  below: () => 0,
  sample: (items, count) => {
    invariant(count >= items.length, "in a model, nodes contact everybody: a random few would leave runs out");
    return [...items];
  },
};
