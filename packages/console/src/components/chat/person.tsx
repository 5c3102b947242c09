import { colourOf, initialsOf } from "../../words/chat/initials.js";

/** A circle for somebody, which those who hear the page do not need: the name stands beside it. */
export function Person({ name }: { readonly name: string }) {
  return (
    <span class={`person person-${colourOf(name)}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
