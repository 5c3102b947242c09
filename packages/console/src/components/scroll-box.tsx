import type { ComponentChildren, RefObject } from "preact";

interface ScrollBoxProps {
  readonly label: string;
  /** Whether what belongs in it is not there yet. */
  readonly isBusy?: boolean;
  readonly box?: RefObject<HTMLElement | null>;
  readonly onScroll?: (box: HTMLElement) => void;
  readonly children: ComponentChildren;
}

/** A long list in a box of its own, which the keyboard scrolls, too. */
export function ScrollBox({ label, isBusy = false, box, onScroll, children }: ScrollBoxProps) {
  return (
    <section
      class="scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, nobody scrolls the box by keyboard
      tabIndex={0}
      aria-label={label}
      aria-busy={isBusy}
      {...(box === undefined ? {} : { ref: box })}
      onScroll={({ currentTarget }) => onScroll?.(currentTarget)}
    >
      {children}
    </section>
  );
}
