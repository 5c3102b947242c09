import type { AddBlockReply } from "@synod/api";
import { type LedgerAnswer, ledgerAnswer } from "../state/ledger.js";
import { shortHash } from "../words/chain-heads.js";
import { costInWords } from "../words/cost.js";
import { AnswerFrame } from "./answer-frame.js";
import { Chip } from "./chip.js";
import { Problem } from "./problem.js";
import { ScrollBox } from "./scroll-box.js";

/** What came of the last put or get. */
export function LedgerAnswerBox() {
  return <AnswerFrame shown={ledgerAnswer.value}>{(shown) => <AnswerText shown={shown} />}</AnswerFrame>;
}

function AnswerText({ shown }: { readonly shown: Exclude<LedgerAnswer, { kind: "asking" }> }) {
  switch (shown.kind) {
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
