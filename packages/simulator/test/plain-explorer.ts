import { canonicalText, Judge, type System, World } from "../src/index.ts";
import { CERTAINTY } from "../src/model-checker/certainty.ts";
import type { ModelBounds } from "../src/model-checker/model.ts";
import { randomFor } from "../src/simulation/seeds.ts";
import type { Action, WorldEvent } from "../src/world/world-event.ts";

/** No test runs away. */
const MOST_STATES = 20_000;

/** One state, as everything that led to it. */
interface Way {
  readonly actions: readonly Action[];
  readonly crashes: number;
  readonly duplicates: number;
  /** What is on its way, in words. */
  readonly flight: readonly string[];
  readonly asked: readonly string[];
}

/**
 * Counts the states of a model in the plainest way there is: every state is made anew from the beginning, in one whole
 * world, and compared as text. Slow, and short enough to be seen to be right.
 */
export function countStates(system: System, { requests, crashes, duplicates, properties }: ModelBounds): number {
  const all = system.requests(randomFor(0, "requests"), 0);
  const met = new Set<string>();
  const open: Way[] = [{ actions: [], crashes: 0, duplicates: 0, flight: [], asked: [] }];
  const first = look(system, open[0] as Way, properties);
  met.add(first.text);
  for (let way = open.shift(); way; way = open.shift()) {
    const { world, text: here } = look(system, way, properties);
    for (const step of stepsFrom(way)) {
      const after = look(system, step, properties);
      const isIdle = ["deliver", "restart"].includes(step.actions.at(-1)?.kind ?? "");
      if (isIdle && here === after.text && !after.tells) continue;
      const whole = { ...step, flight: [...step.flight, ...after.sent].sort() };
      const key = textOf(after.text, whole);
      if (met.has(key)) continue;
      if (met.size > MOST_STATES) throw new Error("too many states: the model is larger than it should be");
      met.add(key);
      open.push(whole);
    }
    function stepsFrom(from: Way): Way[] {
      const steps: Way[] = [];
      const then = (actions: Action[], changes: Partial<Way> = {}) =>
        steps.push({ ...from, ...changes, actions: [...from.actions, ...actions] });
      for (const node of world.nodes) {
        const { name } = node;
        if (!node.isUp) continue;
        if (node.hasWritesToTake)
          then([
            { kind: "flush", node: name },
            { kind: "synced", node: name },
          ]);
        if (from.crashes < crashes) {
          const restart: Action[] = [
            { kind: "crash", node: name, tail: "lost" },
            { kind: "restart", node: name },
          ];
          then(restart, { crashes: from.crashes + 1 });
        }
        for (const timer of node.timers.keys()) then([{ kind: "timeout", node: name, timer }]);
        const mine = all.filter((request) => request.node === name).slice(0, requests);
        const next = mine.find(({ requestId }) => !from.asked.includes(requestId));
        if (next) then([{ ...next, kind: "request" }], { asked: [...from.asked, next.requestId] });
        for (const letter of new Set(from.flight)) {
          const delivery: Action = JSON.parse(letter);
          if (delivery.node !== name) continue;
          const at = from.flight.indexOf(letter);
          then([delivery], { flight: [...from.flight.slice(0, at), ...from.flight.slice(at + 1)] });
          if (from.duplicates < duplicates) then([delivery], { duplicates: from.duplicates + 1 });
        }
      }
      return steps;
    }
  }
  return met.size;
}

/** The world after these actions; what the last step sent, and whether it told anybody anything. */
function look(system: System, { actions }: Way, properties: readonly string[] | null) {
  const judge = new Judge(system, properties);
  let events: WorldEvent[] = [];
  const world = new World(system, {
    observe: (event) => {
      events.push(event);
      judge.observe(event);
    },
    chance: () => CERTAINTY,
  });
  world.start();
  for (const [place, action] of actions.entries()) {
    const continues = action.kind === "synced" || (action.kind === "restart" && actions[place - 1]?.kind === "crash");
    if (!continues) events = [];
    world.perform(action);
  }
  const sent = events.flatMap((event) =>
    event.kind === "send"
      ? [canonicalText({ kind: "deliver", from: event.node, node: event.to, message: event.message })]
      : [],
  );
  const tells = events.some(({ kind }) => ["send", "reply", "apply", "store", "break"].includes(kind));
  const nodes = world.nodes.map(({ participantState, disk, waiting, timers }) => ({
    participantState,
    disk,
    waiting: waiting && {
      writes: waiting.writes,
      messages: [...new Set(waiting.outputs.flatMap(({ messages }) => messages.map(canonicalText)))].sort(),
      replies: waiting.outputs.flatMap(({ replies }) => replies),
      decided: waiting.outputs.flatMap(({ decided }) => decided),
    },
    timers: [...timers.keys()].sort(),
  }));
  return { world, text: canonicalText({ nodes, watch: judge.state }), sent, tells };
}

function textOf(world: string, { crashes, duplicates, flight, asked }: Way): string {
  return canonicalText({ world, crashes, duplicates, flight, asked: [...asked].sort() });
}
