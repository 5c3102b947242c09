import type { ComponentChildren } from "preact";
import { type Answer, answer } from "../state/store.js";
import { type Cost, costInWords } from "../words/cost.js";
import { AnswerFrame } from "./answer-frame.js";
import { Chip } from "./chip.js";
import { Problem } from "./problem.js";
import { Value } from "./value.js";

/** What came of the last thing that was asked. */
export function AnswerBox() {
  return <AnswerFrame shown={answer.value}>{(shown) => <AnswerText shown={shown} />}</AnswerFrame>;
}

function AnswerText({ shown }: { readonly shown: Exclude<Answer, { kind: "asking" }> }) {
  switch (shown.kind) {
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
