import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Chip } from "./chip.js";

/** What is waited for, in words. */
interface Asking {
  readonly kind: "asking";
  readonly what: string;
}

/** An answer, or that there is none yet. */
type Shown<Answer> = Asking | Answer | null;

/**
 * The frame of what came of the last thing that was asked, told to screen readers as it comes.
 *
 * @param props.children draws an answer
 */
export function AnswerFrame<Answer extends { readonly kind: string }>(props: {
  readonly shown: Shown<Answer>;
  readonly children: (answer: Exclude<Answer, Asking>) => ComponentChildren;
}) {
  const { shown, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const isAsking = shown?.kind === "asking";
  useLayoutEffect(() => {
    if (shown === null || isAsking) return;
    // On a phone it comes below what is to be seen. All of it if there is room, and its beginning in any case.
    for (const part of [box.current?.lastElementChild, box.current?.firstElementChild]) {
      part?.scrollIntoView({ block: "nearest" });
    }
  }, [shown, isAsking]);
  return (
    <div ref={box} class="answer" role="status" aria-label="Answer" aria-busy={isAsking}>
      {shown === null ? <p class="quiet">Nothing was asked yet.</p> : null}
      {isAsking ? (
        <p>
          <Chip kind="busy" word={`${(shown as Asking).what} …`} />
        </p>
      ) : null}
      {shown === null || isAsking ? null : children(shown as Exclude<Answer, Asking>)}
    </div>
  );
}
