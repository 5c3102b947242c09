import type { Signal } from "@preact/signals";
import { LEVELS, type Level } from "../words/levels.js";

/** How fresh a read must be, and what the chosen level promises. */
export function LevelChoice({ name, chosen }: { readonly name: string; readonly chosen: Signal<Level> }) {
  const promise = LEVELS.find(({ level }) => level === chosen.value)?.promise;
  return (
    <div class="levels">
      <div class="segments" role="radiogroup" aria-label="Level" aria-describedby={`${name}-promise`}>
        {LEVELS.map(({ level }) => (
          <label key={level}>
            <input
              type="radio"
              name={name}
              value={level}
              checked={chosen.value === level}
              onChange={() => {
                chosen.value = level;
              }}
            />
            <span>{level}</span>
          </label>
        ))}
      </div>
      <p class="promise" id={`${name}-promise`}>
        {promise}
      </p>
    </div>
  );
}
