import { Mark, type MarkKind } from "./mark.js";

/** A state in a word, with a mark of its own. */
export function Chip({
  kind,
  word,
  title,
}: {
  readonly kind: MarkKind;
  readonly word: string;
  readonly title?: string;
}) {
  return (
    <span class={`chip chip-${kind}`} {...(title === undefined ? {} : { title })}>
      <Mark kind={kind} />
      {word}
    </span>
  );
}
