import type { NodeId } from "@synod/consensus";
import { randomFor } from "../simulation/seeds.js";
import { canonicalText } from "../world/canonical.js";
import { Judge } from "../world/judge.js";
import type { Kinds, System, Violation } from "../world/system.js";
import { World, type WorldHost } from "../world/world.js";
import type { Action, WorldEvent } from "../world/world-event.js";

/** What came of a list of actions. */
export interface Replayed<K extends Kinds = Kinds> {
  readonly violation: Violation | null;
  /** What was really done, up to the violation: what was not possible any more is left out. */
  readonly actions: readonly Action<K>[];
  readonly events: readonly WorldEvent<K>[];
}

/**
 * Does these things to a fresh world, in this order and without a clock. A message that was sent once can be delivered
 * at any later time, and again: networks do that. What cannot be done (a message nobody sent, a timer that is not set) is
 * passed over, so that part of a run is a run as well.
 *
 * @param seed of the run that the actions come from: it decides what its nodes leave to chance
 */
export function replay<K extends Kinds>(
  system: System<K>,
  seed: number,
  actions: readonly Action<K>[],
  properties: readonly string[] | null = null,
  chance: WorldHost<K>["chance"] = (node, life) => randomFor(seed, `${node}, life ${life}`),
): Replayed<K> {
  const judge = new Judge(system, properties);
  const mail = new Mail<K>();
  const events: WorldEvent<K>[] = [];
  const done: Action<K>[] = [];
  const world = new World(system, {
    observe: (event) => {
      events.push(event);
      judge.observe(event);
      if (event.kind === "send") mail.post(event.node, event.to, event.message);
    },
    chance,
  });
  world.start();
  for (const action of actions) {
    if (judge.violation) break;
    const possible = action.kind === "deliver" ? mail.find(action) : action;
    if (!possible || !world.isPossible(possible)) continue;
    done.push(possible);
    world.perform(possible);
  }
  return { violation: judge.violation, actions: done, events };
}

type Delivery<K extends Kinds> = Extract<Action<K>, { kind: "deliver" }>;

interface Posted<K extends Kinds> {
  readonly message: K["message"];
  readonly text: string;
  delivered: boolean;
}

/** Every message that was ever sent, by its link. */
class Mail<K extends Kinds> {
  readonly #links = new Map<string, Posted<K>[]>();

  post(from: NodeId, to: NodeId, message: K["message"]): void {
    const link = `${from}>${to}`;
    const posted = this.#links.get(link) ?? [];
    this.#links.set(link, posted);
    posted.push({ message, text: canonicalText(message), delivered: false });
  }

  /**
   * The delivery of this very message, if it was sent; else of one on the same link that differs in its numbers only and
   * was not delivered yet: where an earlier attempt was left out, ids are others, and all else may be as it was.
   */
  find(action: Delivery<K>): Delivery<K> | null {
    const posted = this.#links.get(`${action.from}>${action.node}`) ?? [];
    const text = canonicalText(action.message);
    const shape = withoutNumbers(text);
    const found =
      posted.find((one) => one.text === text) ??
      posted.find((one) => !one.delivered && withoutNumbers(one.text) === shape);
    if (!found) return null;
    found.delivered = true;
    return { ...action, message: found.message };
  }
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, "#");
}
