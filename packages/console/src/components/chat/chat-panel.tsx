import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { comeBack, room, titleFor } from "../../state/chat/entrance.js";
import type { Room } from "../../state/chat/room.js";
import { DeedLine } from "../deed-line.js";
import { Panel } from "../panel.js";
import { Problem } from "../problem.js";
import { StreamChip } from "../stream-chip.js";
import { ConversationList } from "./conversation-list.js";
import { Entrance } from "./entrance.js";
import { PeopleSearch } from "./people-search.js";
import { Person } from "./person.js";
import { Settings } from "./settings.js";
import { ThreadView } from "./thread-view.js";

/** The chat: its entrance, or the chat as whoever is logged in sees it. */
export function ChatPanel() {
  const inside = room.value;
  const wasInside = useRef(inside !== null);
  useEffect(comeBack, []);
  useSignalEffect(() => {
    document.title = titleFor();
  });
  useEffect(() => {
    // What had the focus is gone with its form.
    if ((inside !== null) !== wasInside.current) document.getElementById("chat")?.focus({ preventScroll: true });
    wasInside.current = inside !== null;
  }, [inside]);
  return (
    <Panel id="chat" title="Chat" aside={inside ? <WhoIsHere room={inside} /> : null}>
      {inside ? <RoomView room={inside} /> : <Entrance />}
    </Panel>
  );
}

/** Who is logged in, how the stream of news stands, and the way to the settings. */
function WhoIsHere({ room }: { readonly room: Room }) {
  const isOpen = room.areSettingsOpen.value;
  return (
    <div class="who">
      <StreamChip state={room.streamState.value} />
      <Person name={room.user} />
      <b>{room.user}</b>
      <button
        type="button"
        class="small"
        aria-expanded={isOpen}
        aria-controls="chat-main"
        onClick={() => {
          room.areSettingsOpen.value = !isOpen;
        }}
      >
        Settings
      </button>
    </div>
  );
}

function RoomView({ room }: { readonly room: Room }) {
  const thread = room.open.value;
  const isMainShown = thread !== null || room.areSettingsOpen.value;
  const box = useRef<HTMLDivElement>(null);
  const side = useRef<HTMLElement>(null);
  const wasMainShown = useRef(isMainShown);
  useEffect(() => {
    // On a phone what was opened is higher than what is to be seen of it.
    if (isMainShown) box.current?.scrollIntoView({ block: "nearest" });
    else if (wasMainShown.current) side.current?.focus({ preventScroll: true });
    wasMainShown.current = isMainShown;
  }, [isMainShown]);
  return (
    <div ref={box} class={isMainShown ? "chat chat-in-main" : "chat"}>
      <section ref={side} class="chat-side" aria-label="Conversations" tabIndex={-1}>
        <PeopleSearch room={room} />
        {room.people.typed.value.trim() === "" ? <ConversationList room={room} /> : null}
      </section>
      <div class="chat-main" id="chat-main">
        {room.areSettingsOpen.value ? (
          <Settings room={room} />
        ) : thread ? (
          <ThreadView key={thread.peer} room={room} thread={thread} />
        ) : (
          <p class="quiet chat-nothing">Choose a conversation, or find somebody to write to.</p>
        )}
      </div>
      <Words room={room} />
    </div>
  );
}

/** What was done last, and what stands in the way: inside the box, so that a phone shows it as well. */
function Words({ room }: { readonly room: Room }) {
  const state = room.streamState.value;
  return (
    <div class="chat-words">
      {state.kind === "reconnecting" ? (
        <p class="deed-words deed-bad">
          Nothing new reaches this page: its node does not answer, or not with a majority. What is new comes when that
          is over, and nothing of it is lost.
        </p>
      ) : null}
      {state.kind === "refused" ? <Problem problem={state.problem} isWrite={false} /> : null}
      <DeedLine deed={room.said.value} />
      <p class="unseen" role="status" aria-label="What came">
        {room.heard.value}
      </p>
    </div>
  );
}
