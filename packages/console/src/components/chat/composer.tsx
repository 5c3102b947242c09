import { useEffect, useRef, useState } from "preact/hooks";
import type { OpenThread } from "../../state/chat/open-thread.js";
import { MOST_UNSENT } from "../../state/chat/outbox.js";
import type { Room } from "../../state/chat/room.js";
import { canBeSent, roomInWords } from "../../words/chat/message-text.js";

/** Where one writes: Enter sends, and Shift and Enter begins a new line. */
export function Composer({ room, thread: { peer } }: { readonly room: Room; readonly thread: OpenThread }) {
  const [text, setText] = useState(room.draftFor(peer));
  const field = useRef<HTMLTextAreaElement>(null);
  const isFull = room.outbox.unsent.value.length >= MOST_UNSENT;
  const maySend = canBeSent(text) && !isFull;
  useEffect(() => {
    // A finger would open a keyboard that nobody asked for.
    if (window.matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, []);
  const change = (typed: string) => {
    setText(typed);
    room.keepDraft(peer, typed);
  };
  const send = () => {
    if (!maySend) return;
    void room.send(text);
    change("");
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="field">
        <span class="unseen">Message to {peer}</span>
        <textarea
          ref={field}
          rows={2}
          value={text}
          placeholder={`Message to ${peer}`}
          aria-describedby="composer-words"
          onInput={({ currentTarget }) => change(currentTarget.value)}
          onKeyDown={(event) => {
            // While one composes a sign, Enter is the end of that sign.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
      </label>
      <button type="submit" class="primary" disabled={!maySend}>
        Send
      </button>
      <p class="hint" id="composer-words">
        {isFull
          ? `${MOST_UNSENT} messages wait to be sent: send or discard some first.`
          : (roomInWords(text) ?? "Enter sends, Shift+Enter begins a new line.")}
      </p>
    </form>
  );
}
