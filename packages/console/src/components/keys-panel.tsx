import type { EntriesReply } from "@synod/api";
import { useEffect } from "preact/hooks";
import { ask } from "../server/ask.js";
import { keyPage, listFirst, listLevel, listNext, listPrevious, prefix } from "../state/keys.js";
import { key, value } from "../state/store.js";
import { LEVELS } from "../words/levels.js";
import { Pager } from "./pager.js";
import { Panel } from "./panel.js";
import { Problem } from "./problem.js";

/** The keys that there are, a page at a time. */
export function KeysPanel() {
  useEffect(() => void listFirst(ask), []);
  return (
    <Panel id="keys" title="Keys">
      <form
        class="line-form"
        onSubmit={(event) => {
          event.preventDefault();
          void listFirst();
        }}
      >
        <label class="field">
          <span>Prefix</span>
          <input
            value={prefix.value}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="all keys"
            onInput={({ currentTarget }) => {
              prefix.value = currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>Level</span>
          <select
            value={listLevel.value}
            onChange={({ currentTarget }) => {
              listLevel.value = currentTarget.value as typeof listLevel.value;
            }}
          >
            {LEVELS.map(({ level }) => (
              <option key={level}>{level}</option>
            ))}
          </select>
        </label>
        <button type="submit">List</button>
      </form>
      <KeyList />
    </Panel>
  );
}

function KeyList() {
  const page = keyPage.value;
  if (page === null) return <p class="quiet">Listing …</p>;
  const { outcome, begins } = page;
  if (outcome.kind === "refused") return <Problem problem={outcome.problem} isWrite={false} />;
  if (outcome.kind === "silent") return <p class="quiet">No keys: {outcome.why}.</p>;
  const { entries, next, slot, learner } = outcome.body;
  return (
    <>
      {entries.length === 0 ? <p class="quiet">No key {page.prefix === "" ? "" : "with this prefix "}yet.</p> : null}
      <ul class="keys">
        {entries.map((entry) => (
          <Entry key={entry.key} entry={entry} />
        ))}
      </ul>
      <Pager
        hasPrevious={begins.length > 1}
        hasNext={next !== null}
        onPrevious={() => void listPrevious()}
        onNext={() => void listNext()}
      >
        page {begins.length}, as of slot {slot}, from {learner}
      </Pager>
    </>
  );
}

/** A key takes its place in the form when it is chosen. */
function Entry({ entry }: { readonly entry: EntriesReply["entries"][number] }) {
  return (
    <li>
      <button
        type="button"
        title="Take it into the form"
        onClick={() => {
          key.value = entry.key;
          value.value = entry.value;
        }}
      >
        <code class="key">{entry.key}</code>
        <code class="of-key">{entry.value.slice(0, 200)}</code>
        <span class="number quiet" title="revision: the slot that wrote it">
          {entry.revision}
        </span>
      </button>
    </li>
  );
}
