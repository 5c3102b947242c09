import { ScrollBox } from "./scroll-box.js";

/** A value as it is, however long, and the slot of the write that put it there. */
export function Value({ value, revision }: { readonly value: string; readonly revision: number }) {
  return (
    <figure class="value">
      <ScrollBox label="What the key holds">
        <pre>{value === "" ? <i class="quiet">the empty text</i> : value}</pre>
      </ScrollBox>
      <figcaption>
        revision <b class="number">{revision}</b>: the slot that wrote it
      </figcaption>
    </figure>
  );
}
