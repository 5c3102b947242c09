import type { Outbox, Unsent } from "../../state/chat/outbox.js";
import { Chip } from "../chip.js";

const WORDS = {
  waiting: ["busy", "waiting"],
  sending: ["busy", "sending"],
  failed: ["down", "not sent"],
  unknown: ["faulty", "not confirmed"],
} as const;

/** A message of which the server has not said that it has it: what became of it, and what one can do. */
export function UnsentRow({ unsent, outbox }: { readonly unsent: Unsent; readonly outbox: Outbox }) {
  const { number, text, state, why } = unsent;
  const [kind, word] = WORDS[state];
  const isOver = state === "failed" || state === "unknown";
  return (
    <li class="letter letter-mine">
      <div class="letter-card letter-unsent">
        <span class="unseen">You: </span>
        <p class="letter-text" dir="auto">
          {text}
        </p>
        <div role="status" class="letter-foot">
          <Chip kind={kind} word={word} />
          {isOver ? <span>{why}</span> : null}
          {state === "unknown" ? <span>It may have been sent. To send it again sends it once.</span> : null}
        </div>
        {isOver ? (
          <div class="buttons">
            <button type="button" class="small primary" onClick={() => void outbox.sendAgain(number)}>
              Send again
            </button>
            <button type="button" class="small" onClick={() => outbox.discard(number)}>
              Discard
            </button>
          </div>
        ) : null}
      </div>
    </li>
  );
}
