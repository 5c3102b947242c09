import type { ChatMessageReply } from "@synod/api";
import type { OpenThread } from "../../state/chat/open-thread.js";
import type { Sent } from "../../state/chat/outbox.js";
import { dayInWords } from "../../words/chat/day.js";
import { timeOfDay } from "../../words/clock.js";
import { costInWords } from "../../words/cost.js";
import { TimeOf } from "../time-of.js";

interface MessageRowProps {
  readonly message: ChatMessageReply;
  readonly before: ChatMessageReply | null;
  readonly isFirstNew: boolean;
  /** What it cost, if it was sent from here. */
  readonly sent: Sent | null;
  readonly user: string;
  readonly thread: OpenThread;
}

/** A message, one's own or the other's, below the day and the mark of what is new where they begin. */
export function MessageRow({ message, before, isFirstNew, sent, user, thread }: MessageRowProps) {
  const { id, from, to, text, time, read } = message;
  const isMine = from === user;
  const now = new Date();
  const day = dayInWords(time, now);
  const isNewDay = before === null || dayInWords(before.time, now) !== day;
  return (
    <>
      {isNewDay ? <li class="day-line">{day}</li> : null}
      {isFirstNew ? <li class="new-line">new</li> : null}
      <li
        class={isMine ? "letter letter-mine" : "letter"}
        data-id={id}
        {...(!read && to === user ? { "data-unread": true } : {})}
      >
        <Choice message={message} thread={thread} />
        <div class="letter-card">
          <span class="unseen">{isMine ? "You" : from}: </span>
          <p class="letter-text" dir="auto">
            {text}
          </p>
          <p class="letter-foot">
            <TimeOf time={time} text={(at) => timeOfDay(at).slice(0, 5)} />
            {isMine && to !== user ? <span>{read ? "read" : "not read yet"}</span> : null}
          </p>
          {sent === null ? null : (
            <p class="letter-foot">
              slot {sent.slot}, {costInWords(sent.cost)}
            </p>
          )}
        </div>
      </li>
    </>
  );
}

/** Where one chooses it, to be deleted. */
function Choice({ message: { id, text }, thread }: Pick<MessageRowProps, "message" | "thread">) {
  const chosen = thread.chosen.value;
  if (chosen === null) return null;
  return (
    <input
      type="checkbox"
      class="letter-choice"
      aria-label={`Select: ${text.slice(0, 60)}`}
      checked={chosen.has(id)}
      onChange={({ currentTarget }) => {
        const others = [...chosen].filter((one) => one !== id);
        thread.choose(new Set(currentTarget.checked ? [...others, id] : others));
      }}
    />
  );
}
