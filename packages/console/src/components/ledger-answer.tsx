import type { AddBlockReply } from "@synod/api";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type LedgerAnswer, ledgerAnswer } from "../state/ledger.js";
import { shortHash } from "../words/chain-heads.js";
import { costInWords } from "../words/cost.js";
import { Chip } from "./chip.js";
import { Problem } from "./problem.js";
import { ScrollBox } from "./scroll-box.js";

/** What came of the last put or get, told to screen readers as it comes. */
export function LedgerAnswerBox() {
  const shown = ledgerAnswer.value;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // On a phone it comes below what is to be seen.
    if (shown !== null && shown.kind !== "asking") box.current?.scrollIntoView({ block: "nearest" });
  }, [shown]);
  return (
    <div ref={box} class="answer" role="status" aria-label="Answer" aria-busy={shown?.kind === "asking"}>
      {shown === null ? <p class="quiet">Nothing was asked yet.</p> : <AnswerText shown={shown} />}
    </div>
  );
}

function AnswerText({ shown }: { readonly shown: LedgerAnswer }) {
  switch (shown.kind) {
    case "asking":
      return (
        <p>
          <Chip kind="busy" word={`${shown.what} …`} />
        </p>
      );
    case "answered":
      return <Answered keyText={shown.key} reply={shown.reply} />;
    case "refused":
      return <Problem problem={shown.problem} isWrite />;
    case "silent":
      return (
        <p>
          <Chip kind="down" word="outcome unknown" /> {shown.why}. Whether there is a block for it nobody can say yet:
          look at the chain.
        </p>
      );
  }
}

function Answered({ keyText, reply }: { readonly keyText: string; readonly reply: AddBlockReply }) {
  const { answer, value, height, hash, cost } = reply;
  return (
    <>
      <p>
        <Chip kind={answer === "KEY_DOES_NOT_EXIST" ? "faulty" : "up"} word={answer} /> <code>{keyText}</code>
        {answer === "value" ? " holds:" : ""}
      </p>
      {answer === "value" ? (
        <figure class="value">
          <ScrollBox label="What the key holds">
            <pre>{JSON.stringify(value, null, 2)}</pre>
          </ScrollBox>
        </figure>
      ) : null}
      <p>
        It is <b class="number">block {height}</b>, hash <code>{shortHash(hash)}</code>.
      </p>
      <p class="cost">Cost: {costInWords(cost)}.</p>
    </>
  );
}
