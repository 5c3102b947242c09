import type { Effect } from "./effect.js";

/** What a line of a history says of one operation, before anything is made of it. */
export interface Statement {
  readonly f: string;
  /** Undefined: the line has no such field. */
  readonly value: unknown;
  readonly swapped: unknown;
}

/** What an operation does, once its return is known (or known to be unknown). */
interface Meaning {
  readonly effect: Effect;
  readonly action: string;
  readonly result: string;
}

/** A sequential specification: what operations there are, what they do, and what they see. */
export interface Model {
  readonly name: ModelName;
  readonly initial: string;
  /** The names of its operations, as they stand in the field `f`. */
  readonly operations: readonly string[];
  /**
   * What an operation does that was called so and returned so.
   *
   * @param returned null if nobody knows its outcome
   * @returns null if it may then be left out: it changes nothing, and nobody knows what it saw
   * @throws {Error} that says what is wrong with the call or the return; see `checkCall` for what is told earlier
   */
  meaning(call: Statement, returned: Statement | null): Meaning | null;
  /** @throws {Error} that says what is wrong with the call alone */
  checkCall(call: Statement): void;
  /** A state for people. */
  shown(state: string): string;
}

export const MODEL_NAMES = ["register", "key-value"] as const;

export type ModelName = (typeof MODEL_NAMES)[number];

/** A register: `read`, `write`, and `cas`, which writes if the register holds what it names. */
const register: Model = {
  name: "register",
  initial: "null",
  operations: ["read", "write", "cas"],
  checkCall: ({ f, value }) => {
    if (f === "write") written(value, "a write");
    if (f === "cas") pairOf(value);
  },
  meaning: (call, returned) => {
    if (call.f === "read") {
      if (returned === null) return null;
      if (returned.value === undefined) throw new Error("a read closed by ok says in value what it read");
      const state = canonical(returned.value);
      return { effect: { kind: "observe", state }, action: "read", result: state };
    }
    if (returned) checkEcho(call, returned);
    if (call.f === "write") {
      const state = written(call.value, "a write");
      return { effect: { kind: "assign", state }, action: `write ${state}`, result: "" };
    }
    return meaningOfCas(call, returned);
  },
  shown: (state) => state,
};

/** A cas of unknown outcome did nothing or swapped: it may be left out, or it is an exchange. */
function meaningOfCas({ value }: Statement, returned: Statement | null): Meaning {
  const { from, to } = pairOf(value);
  const swapped = returned?.swapped ?? true;
  if (typeof swapped !== "boolean") throw new Error("swapped is true or false");
  const action = `cas ${from} to ${to}`;
  const result = returned === null ? "" : swapped ? "swapped" : "not swapped";
  if (!swapped) return { effect: { kind: "refute", states: [from] }, action, result };
  // Putting a value in its own place is seeing it, which the search need not branch on.
  const effect: Effect = from === to ? { kind: "observe", state: from } : { kind: "exchange", from, to };
  return { effect, action, result };
}

/** A key of a store of strings: `get`, `put`, and `append`, which adds to the end. */
const keyValue: Model = {
  name: "key-value",
  initial: "",
  operations: ["get", "put", "append"],
  checkCall: ({ f, value }) => {
    if (f !== "get") textOf(value, f);
  },
  meaning: (call, returned) => {
    if (call.f === "get") {
      if (returned === null) return null;
      if (typeof returned.value !== "string") {
        throw new Error('a get closed by ok says in value the string it got; a key never written is ""');
      }
      const state = returned.value;
      return { effect: { kind: "observe", state }, action: "get", result: JSON.stringify(state) };
    }
    if (returned) checkEcho(call, returned);
    const text = textOf(call.value, call.f);
    const effect: Effect = call.f === "put" ? { kind: "assign", state: text } : { kind: "append", text };
    return { effect, action: `${call.f} ${JSON.stringify(text)}`, result: "" };
  },
  shown: (state) => JSON.stringify(state),
};

/** The models by the names that a person gives them. */
export const MODELS: Readonly<Record<ModelName, Model>> = { register, "key-value": keyValue };

function textOf(value: unknown, f: string): string {
  if (typeof value === "string") return value;
  throw new Error(`the value of ${f === "append" ? "an append" : `a ${f}`} is a string, not ${canonical(value)}`);
}

function pairOf(value: unknown): { from: string; to: string } {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new Error(`the value of a cas is a pair [from, to], not ${canonical(value)}`);
  }
  return { from: canonical(value[0]), to: written(value[1], "a cas") };
}

/** Null is what a register holds that was never written: were it also written, a read of it would say nothing. */
function written(value: unknown, by: string): string {
  if (value === undefined) throw new Error(`${by} says in value what it writes`);
  if (value === null) throw new Error(`${by} of null: null is what a register never written holds`);
  return canonical(value);
}

/** A return need not repeat what was called, but it must not contradict it. */
function checkEcho(call: Statement, { value }: Statement): void {
  if (value === undefined || value === null || canonical(value) === canonical(call.value)) return;
  throw new Error(`${call.f} was called with ${canonical(call.value)} and returns ${canonical(value)}`);
}

/**
 * The JSON text of a value, the same for equal values.
 *
 * @throws {Error} for a number above 2^53-1: two different ones may be read as one, and the largest as no number at all
 */
function canonical(value: unknown): string {
  if (typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw new Error("a number above 2^53-1 cannot be told from its neighbours: write it as a string");
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return value === undefined ? "nothing" : JSON.stringify(value);
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}
