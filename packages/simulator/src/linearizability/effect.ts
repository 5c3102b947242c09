/**
 * What one operation does to the object it works on, and what it saw of it. States are texts: of a register, the JSON
 * text of its value; of a key of a key-value store, the string itself.
 */
export type Effect =
  /** Saw exactly this state, and left it. */
  | { readonly kind: "observe"; readonly state: string }
  /** Saw that the state is none of these, and left it. */
  | { readonly kind: "refute"; readonly states: readonly string[] }
  /** Whatever the state was, it is this now. */
  | { readonly kind: "assign"; readonly state: string }
  /** Saw exactly this state, and put another in its place. */
  | { readonly kind: "exchange"; readonly from: string; readonly to: string }
  /** Added this to the end of whatever was there. */
  | { readonly kind: "append"; readonly text: string };

/** The state after this effect, or null if it cannot be had in this state: the operation would have seen otherwise. */
export function applyEffect(effect: Effect, state: string): string | null {
  switch (effect.kind) {
    case "observe":
      return effect.state === state ? state : null;
    case "refute":
      return effect.states.includes(state) ? null : state;
    case "assign":
      return effect.state;
    case "exchange":
      return effect.from === state ? effect.to : null;
    case "append":
      return state + effect.text;
  }
}

/** Whether the effect leaves every state in which it can be had as it is. */
export function isReadOnly(effect: Effect): boolean {
  return effect.kind === "observe" || effect.kind === "refute";
}
