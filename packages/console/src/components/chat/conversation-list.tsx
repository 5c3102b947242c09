import type { ChatConversationsReply } from "@synod/api";
import type { Room } from "../../state/chat/room.js";
import { dayInWords } from "../../words/chat/day.js";
import { firstLine } from "../../words/chat/message-text.js";
import { timeOfDay } from "../../words/clock.js";
import { ScrollBox } from "../scroll-box.js";
import { TimeOf } from "../time-of.js";
import { Person } from "./person.js";

/** Whom one speaks with, whoever wrote last first. */
export function ConversationList({ room }: { readonly room: Room }) {
  const { conversations } = room;
  const list = conversations.list.value;
  const trouble = conversations.trouble.value;
  return (
    <>
      {trouble === null ? null : (
        <p class="quiet">
          {list === null ? "No conversations" : "This list is old"}: {trouble}
        </p>
      )}
      {list?.conversations.length === 0 ? <p class="quiet">No conversation yet. Find somebody to write to.</p> : null}
      {list === null && trouble === null ? <p class="quiet">Reading …</p> : null}
      {list === null || list.conversations.length === 0 ? null : (
        <ScrollBox label="Conversations, the newest first">
          <ul class="talks">
            {list.conversations.map((one) => (
              <Row key={one.with} one={one} room={room} />
            ))}
          </ul>
          {conversations.canShowMore ? (
            <p class="older">
              <button type="button" onClick={() => void conversations.showMore()}>
                More conversations
              </button>
            </p>
          ) : null}
        </ScrollBox>
      )}
    </>
  );
}

interface RowProps {
  readonly one: ChatConversationsReply["conversations"][number];
  readonly room: Room;
}

function Row({ one: { with: peer, unread, last }, room }: RowProps) {
  const isOpen = room.open.value?.peer === peer;
  return (
    <li>
      <button
        type="button"
        class={unread > 0 ? "talk-unread" : ""}
        aria-current={isOpen}
        onClick={() => room.openWith(peer)}
      >
        <Person name={peer} />
        <b>{peer}</b>
        <span class="talk-time quiet">
          <TimeOf time={last.time} text={shortTime} />
        </span>
        <span class="talk-last quiet">
          {last.from === room.user && peer !== room.user ? "You: " : ""}
          <bdi>{firstLine(last.text)}</bdi>
        </span>
        {unread > 0 ? (
          <span class="unread-count">
            {unread}
            <span class="unseen"> unread</span>
          </span>
        ) : null}
      </button>
    </li>
  );
}

/** The time of day, of today; else the day. */
function shortTime(at: Date): string {
  const day = dayInWords(at.getTime(), new Date());
  return day === "today" ? timeOfDay(at).slice(0, 5) : day;
}
