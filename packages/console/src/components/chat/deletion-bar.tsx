import { useState } from "preact/hooks";
import type { OpenThread } from "../../state/chat/open-thread.js";
import type { Room } from "../../state/chat/room.js";
import { counted } from "../../words/cost.js";

/** What is done with the messages that are chosen: deleted for both sides, once one has said so twice. */
export function DeletionBar({ room, thread }: { readonly room: Room; readonly thread: OpenThread }) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const count = thread.chosen.value?.size ?? 0;
  const remove = async () => {
    setBusy(true);
    await room.deleteChosen();
    setBusy(false);
    setAsking(false);
  };
  if (isAsking && count > 0) {
    return (
      <fieldset class="composer warning">
        <legend class="unseen">Delete messages</legend>
        <p>
          {counted(count, "message")} will be gone for you and for {thread.peer}, everywhere and for good.
        </p>
        <div class="buttons">
          <button type="button" class="danger" disabled={isBusy} onClick={() => void remove()}>
            Delete for both
          </button>
          <button type="button" disabled={isBusy} onClick={() => setAsking(false)}>
            Keep
          </button>
        </div>
      </fieldset>
    );
  }
  return (
    <div class="composer">
      <p role="status">{counted(count, "message")} selected</p>
      <div class="buttons">
        <button type="button" class="danger" disabled={count === 0} onClick={() => setAsking(true)}>
          Delete …
        </button>
        <button type="button" onClick={() => thread.choose(null)}>
          Cancel
        </button>
      </div>
    </div>
  );
}
