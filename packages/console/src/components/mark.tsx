import type { Health } from "../words/health.js";

/** What a mark says by its shape, so that nobody depends on its colour. */
export type MarkKind = Health["kind"] | "busy";

const SHAPES: Readonly<Record<MarkKind, string>> = {
  up: "M2.5 6.5 5 9l4.5-5.5",
  down: "M3 3l6 6M9 3l-6 6",
  paused: "M4 2.5v7M8 2.5v7",
  cut: "M1.5 6h3M7.5 6h3M5 2.5 7 9.5",
  faulty: "M6 2.5v4M6 9v.3",
  busy: "M6 1.5A4.5 4.5 0 1 1 1.5 6",
};

/** A small drawing in front of a word. */
export function Mark({ kind }: { readonly kind: MarkKind }) {
  return (
    <svg class="mark" viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[kind]} />
    </svg>
  );
}
