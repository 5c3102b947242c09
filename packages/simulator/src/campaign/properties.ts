import { OWN_RULES } from "../world/judge.js";
import type { PropertyText, System } from "../world/system.js";

/** A property that a schedule can break. */
export interface CheckedProperty extends PropertyText {
  readonly kind: "always" | "liveness";
}

const OWN_RULES_SENTENCE =
  "no node finds its own state broken: the assertions in the participants, which are always on";

/** Everything that a schedule can break; `RunOptions.properties` picks some of their names. */
export function propertiesOf({ always, liveness }: System): readonly CheckedProperty[] {
  return [
    ...always.map(({ name, sentence }) => ({ name, sentence, kind: "always" as const })),
    { name: OWN_RULES, sentence: OWN_RULES_SENTENCE, kind: "always" },
    ...(liveness ? [{ name: liveness.name, sentence: liveness.sentence, kind: "liveness" as const }] : []),
  ];
}
