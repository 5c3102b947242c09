import {
  clearMessages,
  endMessages,
  goOn,
  isPaused,
  leavesOutIdle,
  messageStream,
  messageTypes,
  missed,
  pause,
  serverFilter,
  serverNames,
  shownMessages,
  textFilter,
  typeFilter,
  watchMessages,
} from "../state/messages.js";
import { MessageList } from "./message-list.js";
import { Panel } from "./panel.js";
import { Problem } from "./problem.js";
import { StreamChip } from "./stream-chip.js";

/** Every message between the servers of the cluster, as it is sent. */
export function MessagesPanel() {
  const state = messageStream.value;
  const isOff = state.kind === "off" || state.kind === "refused";
  const { kept } = shownMessages.value;
  return (
    <Panel
      id="messages"
      title="Messages"
      about="What the servers say to each other. While nobody watches they tell nobody, and it costs nothing."
      aside={<StreamChip state={state} />}
    >
      <div class="buttons">
        {isOff ? (
          <button type="button" class="primary" onClick={watchMessages}>
            Watch messages
          </button>
        ) : (
          <button type="button" onClick={endMessages}>
            Stop watching
          </button>
        )}
        <button type="button" disabled={isOff && !isPaused.value} onClick={() => (isPaused.value ? goOn() : pause())}>
          {isPaused.value ? `Go on (${missed.value} since)` : "Pause"}
        </button>
        <button type="button" disabled={kept === 0} onClick={clearMessages}>
          Clear
        </button>
      </div>
      {state.kind === "refused" ? <Problem problem={state.problem} isWrite={false} /> : null}
      <Filters />
      <label class="tick">
        <input
          type="checkbox"
          checked={leavesOutIdle.value}
          onChange={({ currentTarget }) => {
            leavesOutIdle.value = currentTarget.checked;
          }}
        />
        Leave out heartbeats and empty messages, which come all the time
      </label>
      <MessageList />
    </Panel>
  );
}

function Filters() {
  return (
    <search class="line-form" aria-label="Filter the messages">
      <Choice label="Server" from={serverNames.value} chosen={serverFilter} />
      <Choice label="Type" from={messageTypes.value} chosen={typeFilter} />
      <label class="field">
        <span>Text</span>
        <input
          type="search"
          value={textFilter.value}
          autocomplete="off"
          spellcheck={false}
          placeholder="id 17"
          onInput={({ currentTarget }) => {
            textFilter.value = currentTarget.value;
          }}
        />
      </label>
    </search>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly from: readonly string[];
  /** The empty text: any. */
  readonly chosen: { value: string };
}

function Choice({ label, from, chosen }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={chosen.value}
        onChange={({ currentTarget }) => {
          chosen.value = currentTarget.value;
        }}
      >
        <option value="">any</option>
        {from.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}
