import type { ComponentChildren } from "preact";

interface PagerProps {
  /** What stands between the two buttons. */
  readonly children: ComponentChildren;
  readonly onPrevious: () => void;
  readonly onNext: () => void;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/** From one page of a list to the next, and back. */
export function Pager({ children, onPrevious, onNext, hasPrevious, hasNext }: PagerProps) {
  return (
    <div class="pager">
      <button type="button" disabled={!hasPrevious} onClick={onPrevious}>
        Previous
      </button>
      <span class="quiet">{children}</span>
      <button type="button" disabled={!hasNext} onClick={onNext}>
        Next
      </button>
    </div>
  );
}
