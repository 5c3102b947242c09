import { useEffect } from "preact/hooks";
import type { OpenThread } from "../../state/chat/open-thread.js";
import { unsentTo } from "../../state/chat/outbox.js";
import type { Room } from "../../state/chat/room.js";
import { Composer } from "./composer.js";
import { DeletionBar } from "./deletion-bar.js";
import { MessageRow } from "./message-row.js";
import { Person } from "./person.js";
import { TalkBox } from "./talk-box.js";
import { UnsentRow } from "./unsent-row.js";

interface ThreadViewProps {
  readonly room: Room;
  readonly thread: OpenThread;
}

/** A conversation: its messages, those that are not sent yet, and where one writes. */
export function ThreadView({ room, thread }: ThreadViewProps) {
  const { messages, isGone } = thread.thread.value;
  const isChoosing = thread.chosen.value !== null;
  // Nobody sees a conversation that is closed.
  useEffect(() => () => thread.see(new Set()), [thread]);
  return (
    <section
      class="thread"
      aria-label={`Conversation with ${thread.peer}`}
      onKeyDown={(event) => {
        // While one composes a sign, Escape is about that sign.
        if (event.key !== "Escape" || event.isComposing) return;
        if (isChoosing) thread.choose(null);
        else room.closeThread();
      }}
    >
      <header class="thread-head">
        <button type="button" class="small thread-back" onClick={() => room.closeThread()}>
          Back<span class="unseen"> to the conversations</span>
        </button>
        <Person name={thread.peer} />
        <h3>{thread.peer}</h3>
        {thread.peer === room.user ? <span class="quiet">notes to yourself</span> : null}
        <button
          type="button"
          class="small thread-choose"
          aria-pressed={isChoosing}
          disabled={messages.length === 0}
          onClick={() => thread.choose(isChoosing ? null : new Set())}
        >
          Select<span class="unseen"> messages</span>
        </button>
      </header>
      <Talk room={room} thread={thread} />
      {isChoosing ? (
        <DeletionBar room={room} thread={thread} />
      ) : isGone ? (
        <p class="composer quiet">There is no account {thread.peer} any more: nothing can be sent there.</p>
      ) : (
        <Composer room={room} thread={thread} />
      )}
    </section>
  );
}

function Talk({ room, thread }: ThreadViewProps) {
  const { messages, older } = thread.thread.value;
  const trouble = thread.trouble.value;
  const unsent = unsentTo(thread.peer, room.outbox.unsent.value, messages);
  const isEmpty = thread.isLoaded.value && messages.length === 0 && unsent.length === 0;
  return (
    <TalkBox thread={thread} lastUnsent={unsent.at(-1)?.number ?? 0}>
      {trouble === null ? null : (
        <p class="quiet older">
          {trouble}{" "}
          <button type="button" class="small" onClick={() => void thread.load()}>
            Read again
          </button>
        </p>
      )}
      {older === null ? null : (
        <p class="older">
          <button type="button" class="small" onClick={() => void thread.loadOlder()}>
            Older messages
          </button>
        </p>
      )}
      {!thread.isLoaded.value && trouble === null ? <p class="quiet older">Reading …</p> : null}
      {isEmpty ? <p class="quiet older">No message yet.</p> : null}
      <ol class="letters">
        {messages.map((message, place) => (
          <MessageRow
            key={message.id}
            message={message}
            before={messages[place - 1] ?? null}
            isFirstNew={message.id === thread.firstNew.value}
            sent={room.outbox.costs.value.get(message.id) ?? null}
            user={room.user}
            thread={thread}
          />
        ))}
        {unsent.map((one) => (
          <UnsentRow key={`unsent ${one.number}`} unsent={one} outbox={room.outbox} />
        ))}
      </ol>
    </TalkBox>
  );
}
