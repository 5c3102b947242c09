import { useRef } from "preact/hooks";
import { seenSlot } from "../state/session.js";
import { expectation, expected, key, level, put, read, remove, value } from "../state/store.js";
import { AnswerBox } from "./answer-box.js";
import { LevelChoice } from "./level-choice.js";
import { Panel } from "./panel.js";

/**
 * Write, read and delete one key. No field has a greatest length: a browser would cut what is pasted without a word, where
 * the server refuses it and says why.
 */
export function StorePanel() {
  const form = useRef<HTMLFormElement>(null);
  const withKey = (act: () => Promise<void>) => () => {
    if (form.current?.reportValidity()) void act();
  };
  return (
    <Panel id="store" title="Store" aside={<SessionSlot />}>
      <form
        ref={form}
        class="store-form"
        onSubmit={(event) => {
          // Enter in the key reads: that changes nothing.
          event.preventDefault();
          void read();
        }}
      >
        <label class="field">
          <span>Key</span>
          <input
            value={key.value}
            required
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="tea"
            onInput={({ currentTarget }) => {
              key.value = currentTarget.value;
            }}
          />
        </label>
        <fieldset class="deed">
          <legend>Write</legend>
          <ValueField onCommand={withKey(put)} />
          <ExpectationFields />
          <div class="buttons">
            <button type="button" class="primary" onClick={withKey(put)}>
              Put
            </button>
            <button type="button" onClick={withKey(remove)}>
              Delete the key
            </button>
          </div>
        </fieldset>
        <fieldset class="deed">
          <legend>Read</legend>
          <LevelChoice name="level" chosen={level} />
          <div class="buttons">
            <button type="submit" class="primary">
              Read
            </button>
          </div>
        </fieldset>
      </form>
      <AnswerBox />
    </Panel>
  );
}

function ValueField({ onCommand }: { readonly onCommand: () => void }) {
  return (
    <label class="field">
      <span>Value</span>
      <textarea
        rows={2}
        value={value.value}
        spellcheck={false}
        placeholder="hot"
        aria-keyshortcuts="Control+Enter"
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          onCommand();
        }}
      />
    </label>
  );
}

/** What has to be there for the write to happen. */
function ExpectationFields() {
  return (
    <div class="expectation">
      <label class="field">
        <span>Only if the key</span>
        <select
          value={expectation.value}
          onChange={({ currentTarget }) => {
            expectation.value = currentTarget.value as typeof expectation.value;
          }}
        >
          <option value="anything">holds anything or nothing</option>
          <option value="absent">is absent</option>
          <option value="value">holds this value</option>
        </select>
      </label>
      {expectation.value === "value" ? (
        <label class="field">
          <span>Expected value</span>
          <input
            value={expected.value}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => {
              expected.value = currentTarget.value;
            }}
          />
        </label>
      ) : null}
    </div>
  );
}

function SessionSlot() {
  if (seenSlot.value === null) return null;
  return (
    <span class="aside" title="The highest slot that this page's session has written or read: its token">
      this page has seen slot <b class="number">{seenSlot.value}</b>
    </span>
  );
}
