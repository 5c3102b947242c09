import type { OpenThread } from "../../state/chat/open-thread.js";
import type { Room } from "../../state/chat/room.js";
import { counted } from "../../words/cost.js";
import { AskedBack } from "./asked-back.js";

/** What is done with the messages that are chosen: they are deleted for both sides. */
export function DeletionBar({ room, thread }: { readonly room: Room; readonly thread: OpenThread }) {
  const count = thread.chosen.value?.size ?? 0;
  return (
    <div class="composer deletion-bar">
      <p role="status">{counted(count, "message")} selected</p>
      <div class="buttons">
        <AskedBack name="Delete" isDisabled={count === 0} deed="Delete for both" onDeed={() => room.deleteChosen()}>
          {counted(count, "message")} will be gone for you and for {thread.peer}, everywhere and for good.
        </AskedBack>
        <button type="button" onClick={() => thread.choose(null)}>
          Cancel
        </button>
      </div>
    </div>
  );
}
