import fc from "fast-check";
import type { Effect } from "../../src/linearizability/effect.ts";
import type { Operation } from "../../src/linearizability/operation.ts";

/** Few values, so that results meet by chance about as often as not. */
const value = fc.constantFrom("1", "2", "3");

const registerEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ kind: fc.constant("observe" as const), state: fc.constantFrom("null", "1", "2", "3") }),
  fc.record({ kind: fc.constant("assign" as const), state: value }),
  fc.record({ kind: fc.constant("exchange" as const), from: fc.constantFrom("null", "1", "2"), to: value }),
  fc.record({ kind: fc.constant("refute" as const), states: fc.tuple(fc.constantFrom("null", "1", "2")) }),
);

/** Reads and writes alone: what looks ahead has most to say where nothing is compared. */
const plainEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ kind: fc.constant("observe" as const), state: fc.constantFrom("null", "1", "2", "3", "4") }),
  fc.record({ kind: fc.constant("assign" as const), state: fc.constantFrom("1", "2", "3", "4") }),
);

/** Without anything that only excludes a value, and so keeps foresight from most of what it would do. */
const swappingEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ kind: fc.constant("observe" as const), state: fc.constantFrom("null", "1", "2", "3") }),
  fc.record({ kind: fc.constant("assign" as const), state: value }),
  fc.record({ kind: fc.constant("exchange" as const), from: fc.constantFrom("null", "1", "2"), to: value }),
);

const letters = fc.constantFrom("a", "b", "ab");

const textEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({
    kind: fc.constant("observe" as const),
    state: fc.array(fc.constantFrom("a", "b"), { maxLength: 4 }).map((parts) => parts.join("")),
  }),
  fc.record({ kind: fc.constant("append" as const), text: letters }),
  fc.record({ kind: fc.constant("append" as const), text: letters }),
  fc.record({ kind: fc.constant("assign" as const), state: letters }),
  fc.record({ kind: fc.constant("refute" as const), states: fc.tuple(fc.constantFrom("", "a", "ab")) }),
);

/** Every text written once: `observe` is filled in from what is written, in any order. */
const taggedEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({
    kind: fc.constant("observe" as const),
    state: fc.shuffledSubarray(["a", "b", "c", "d"], { maxLength: 3 }).map((parts) => parts.join("")),
  }),
  fc.record({ kind: fc.constant("append" as const), text: fc.constantFrom("a", "b", "c", "d") }),
  fc.record({ kind: fc.constant("append" as const), text: fc.constantFrom("a", "b", "c", "d") }),
  fc.record({ kind: fc.constant("assign" as const), state: fc.constantFrom("a", "b", "c", "d") }),
  fc.record({ kind: fc.constant("refute" as const), states: fc.tuple(fc.constantFrom("", "a", "ab")) }),
);

interface Draft {
  readonly effect: Effect;
  readonly call: number;
  readonly length: number;
  readonly isLost: boolean;
}

/** Operations at random times; those that change something may also be lost, which means that nobody knows of them. */
function operationsOf(effect: fc.Arbitrary<Effect>, most: number): fc.Arbitrary<Operation[]> {
  const draft: fc.Arbitrary<Draft> = fc.record({
    effect,
    call: fc.nat(20),
    length: fc.integer({ min: 1, max: 12 }),
    isLost: fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 0),
  });
  return fc.array(draft, { maxLength: most }).map(inRealTime);
}

/** Puts calls and returns on lines of their own, in the order of their times. */
function inRealTime(drafts: readonly Draft[]): Operation[] {
  const events = drafts.flatMap(({ call, length }, index) => [
    { index, time: call, isCall: true },
    { index, time: call + length, isCall: false },
  ]);
  events.sort((one, other) => one.time - other.time);
  const lineOf = (index: number, isCall: boolean) =>
    events.findIndex((event) => event.index === index && event.isCall === isCall) + 1;
  return drafts
    .map(({ effect, isLost }, index): Operation => {
      const isOpen = isLost && effect.kind !== "observe" && effect.kind !== "refute";
      const returnLine = isOpen ? null : lineOf(index, false);
      const action = JSON.stringify(effect);
      return { client: index, action, result: "", effect, callLine: lineOf(index, true), returnLine };
    })
    .sort((one, other) => one.callLine - other.callLine);
}

/** Each operation that writes keeps its text only if no earlier one wrote it. */
function eachTextOnce(operations: readonly Operation[]): Operation[] {
  const written = new Set<string>();
  return operations.filter(({ effect }) => {
    const text = effect.kind === "append" ? effect.text : effect.kind === "assign" ? effect.state : null;
    if (text === null) return true;
    const isNew = !written.has(text);
    written.add(text);
    return isNew;
  });
}

/** Sorts of small histories, each with the state it begins in. */
export const SMALL_HISTORIES = {
  "a register": { initial: "null", operations: operationsOf(registerEffect, 7) },
  "a register whose every cas swapped": { initial: "null", operations: operationsOf(swappingEffect, 7) },
  "a register that is only read and written": { initial: "null", operations: operationsOf(plainEffect, 8) },
  "a register whose every value is written once": {
    initial: "null",
    operations: operationsOf(plainEffect, 9).map(eachTextOnce),
  },
  "a key that is appended to": { initial: "", operations: operationsOf(textEffect, 7) },
  "a key to which every text is appended once": {
    initial: "",
    operations: operationsOf(taggedEffect, 9).map(eachTextOnce),
  },
} as const;
