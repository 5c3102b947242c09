import type { Chance } from "@synod/consensus";
import { BesideTheNodes } from "../world/world.js";

/**
 * Chance, with nothing left to it: a model check explores what may happen, and a participant that draws lots would hide
 * some of that. Waits that are drawn are no choice here, since a timer may go off at any time.
 */
export const CERTAINTY: Chance = {
  below: () => 0,
  sample: (items, count) => {
    if (count >= items.length) return [...items];
    throw new BesideTheNodes("in a model, nodes contact everybody: a random few would leave runs out");
  },
};
