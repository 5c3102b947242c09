import { MOST_MESSAGES, MOST_SHOWN, shownMessages } from "../state/messages.js";
import { timeOfDay } from "../words/clock.js";
import { aboutInWords, isLost, type LostMessages, type Message } from "../words/message.js";
import { ScrollBox } from "./scroll-box.js";

/** The messages that pass the filter, the latest first. */
export function MessageList() {
  const { shown, passing, kept } = shownMessages.value;
  if (kept === 0) return <p class="quiet">No message yet.</p>;
  return (
    <>
      <p class="hint">
        {passing} of the last {kept} messages pass the filter
        {passing > MOST_SHOWN ? `; the last ${MOST_SHOWN} are shown` : ""} ({MOST_MESSAGES} are kept).
      </p>
      <ScrollBox label="Messages, the latest first">
        <ol class="messages">
          {shown.map((message) => (
            <li key={message.number}>{isLost(message) ? <Lost {...message} /> : <Line message={message} />}</li>
          ))}
        </ol>
      </ScrollBox>
    </>
  );
}

function Line({ message }: { readonly message: Message }) {
  const { at, from, to, type, isReply } = message;
  return (
    <>
      <time class="number quiet">{timeOfDay(at)}</time>
      <span class="way">
        <b>{from}</b> <span aria-hidden="true">→</span>
        <span class="unseen">to</span> <b>{to}</b>
      </span>
      <span class="what">
        <span class={isReply ? "type type-reply" : "type"}>{type}</span>
        <span class="number">{aboutInWords(message)}</span>
      </span>
    </>
  );
}

function Lost({ lost }: LostMessages) {
  return <span class="gap">{lost} messages came faster than this page reads, and are not shown</span>;
}
