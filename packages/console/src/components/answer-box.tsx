import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Answer, answer } from "../state/store.js";
import { type Cost, costInWords } from "../words/cost.js";
import { Chip } from "./chip.js";
import { Problem } from "./problem.js";
import { Value } from "./value.js";

/** What came of the last thing that was asked, told to screen readers as it comes. */
export function AnswerBox() {
  const shown = answer.value;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (shown === null || shown.kind === "asking") return;
    // On a phone it comes below what is to be seen. All of it if there is room, and its beginning in any case.
    for (const part of [box.current?.lastElementChild, box.current?.firstElementChild]) {
      part?.scrollIntoView({ block: "nearest" });
    }
  }, [shown]);
  return (
    <div ref={box} class="answer" role="status" aria-label="Answer" aria-busy={shown?.kind === "asking"}>
      {shown === null ? <p class="quiet">Nothing was asked yet.</p> : <AnswerText shown={shown} />}
    </div>
  );
}

function AnswerText({ shown }: { readonly shown: Answer }) {
  switch (shown.kind) {
    case "asking":
      return (
        <p>
          <Chip kind="busy" word={`${shown.what} …`} />
        </p>
      );
    case "wrote":
      return (
        <Good word="written" cost={shown.cost}>
          <code>{shown.key}</code> is decided and applied in <b class="number">slot {shown.slot}</b>
        </Good>
      );
    case "deleted":
      return (
        <Good word={shown.wasThere ? "deleted" : "was not there"} cost={shown.cost}>
          <code>{shown.key}</code> is absent as of <b class="number">slot {shown.slot}</b>
        </Good>
      );
    case "read":
      return <ReadText shown={shown} />;
    case "not-as-expected":
      return (
        <>
          <p>
            <Chip kind="faulty" word="not as expected" /> Nothing was written.{" "}
            {shown.current ? "The key holds:" : "The key is absent."}
          </p>
          {shown.current ? <Value value={shown.current.value} revision={shown.current.revision} /> : null}
          <CostText cost={shown.cost} />
        </>
      );
    case "not-sent":
      return (
        <p>
          <Chip kind="faulty" word="not sent" /> {shown.why}
        </p>
      );
    case "refused":
      return <Problem problem={shown.problem} isWrite={shown.isWrite} />;
    case "silent":
      return (
        <p>
          <Chip kind="down" word={shown.isWrite ? "outcome unknown" : "no answer"} /> {shown.why}.{" "}
          {shown.isWrite ? "Whether it was written nobody can say: it may have been. Read the key to see." : ""}
        </p>
      );
  }
}

function ReadText({ shown: { key, found, freshness, cost } }: { readonly shown: Extract<Answer, { kind: "read" }> }) {
  return (
    <>
      <p>
        <code>{key}</code> {found ? "holds:" : "is absent."}
      </p>
      {found ? <Value value={found.value} revision={found.revision} /> : null}
      <p class="freshness">
        {freshness.behind > 0 ? <Chip kind="faulty" word={`${freshness.behind} behind`} /> : null} {freshness.inWords}
      </p>
      <CostText cost={cost} />
    </>
  );
}

function Good(props: { readonly word: string; readonly cost: Cost; readonly children: ComponentChildren }) {
  return (
    <>
      <p>
        <Chip kind="up" word={props.word} /> {props.children}
      </p>
      <CostText cost={props.cost} />
    </>
  );
}

function CostText({ cost }: { readonly cost: Cost }) {
  return <p class="cost">Cost: {costInWords(cost)}.</p>;
}
