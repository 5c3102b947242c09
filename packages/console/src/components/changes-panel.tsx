import { changeStream, changes, endWatch, MOST_CHANGES, pattern, watchChanges, watched } from "../state/changes.js";
import { type Change, nameOf } from "../words/change.js";
import { Panel } from "./panel.js";
import { Problem } from "./problem.js";
import { ScrollBox } from "./scroll-box.js";
import { StreamChip } from "./stream-chip.js";

/** What changes, as it changes, whoever writes it. */
export function ChangesPanel() {
  const state = changeStream.value;
  return (
    <Panel id="changes" title="Live changes" aside={<StreamChip state={state} />}>
      <form
        class="line-form"
        onSubmit={(event) => {
          event.preventDefault();
          watchChanges();
        }}
      >
        <label class="field">
          <span>Pattern</span>
          <input
            value={pattern.value}
            required
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-describedby="pattern-rules"
            onInput={({ currentTarget }) => {
              pattern.value = currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="primary">
          Subscribe
        </button>
        <button type="button" disabled={watched.value === null} onClick={endWatch}>
          End
        </button>
      </form>
      <p class="hint" id="pattern-rules">
        <code>*</code> any characters, <code>?</code> some without a slash: <code>user/?/name</code>
      </p>
      {state.kind === "refused" ? <Problem problem={state.problem} isWrite={false} /> : <ChangeList />}
    </Panel>
  );
}

function ChangeList() {
  if (watched.value === null && changes.value.length === 0) {
    return <p class="quiet">Subscribe, then write: here, in another window, or with synod kv put.</p>;
  }
  if (changes.value.length === 0) return <p class="quiet">Nothing has changed yet.</p>;
  return (
    <ScrollBox label={`Changes, the latest first, ${MOST_CHANGES} at most`}>
      <ul class="changes">
        {changes.value.map((change) => (
          <ChangeRow key={nameOf(change)} change={change} />
        ))}
      </ul>
    </ScrollBox>
  );
}

function ChangeRow({ change }: { readonly change: Change }) {
  if (change.kind === "compacted") {
    return <li class="gap">Changes up to slot {change.revision} are gone; those after it follow.</li>;
  }
  const { kind, revision, key, value } = change;
  return (
    <li>
      <span class="number quiet">{revision}</span>
      <span class={`change-kind change-${kind}`}>{kind}</span>
      <code class="key">{key}</code>
      <code class="of-key">{value?.slice(0, 300) ?? ""}</code>
    </li>
  );
}
