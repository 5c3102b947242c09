import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { getFromLedger, ledgerKey, ledgerValue, putInLedger, understoodKey, understoodValue } from "../state/ledger.js";
import type { Literal } from "../words/literal.js";
import { LedgerAnswerBox } from "./ledger-answer.js";
import { Panel } from "./panel.js";

/** Put and get a key. Each adds a block to the chain. */
export function LedgerPanel() {
  const form = useRef<HTMLFormElement>(null);
  const withKey = (act: () => Promise<void>) => () => {
    if (form.current?.reportValidity()) void act();
  };
  return (
    <Panel id="ledger" title="Ledger" about="Each put and each get is a block of the chain.">
      <form
        ref={form}
        class="store-form"
        onSubmit={(event) => {
          // Enter gets: that changes no value.
          event.preventDefault();
          void getFromLedger();
        }}
      >
        <LiteralField name="Key" typed={ledgerKey} understood={understoodKey.value} placeholder="alice" isRequired />
        <LiteralField
          name="Value"
          typed={ledgerValue}
          understood={understoodValue.value}
          ifEmpty="nothing typed: a put writes the empty text"
          placeholder={'{"coins": 10}'}
        />
        <p class="hint">JSON, or a bare word, which is taken as a text.</p>
        <div class="buttons">
          <button type="button" class="primary" onClick={withKey(putInLedger)}>
            Put
          </button>
          <button type="submit">Get</button>
        </div>
      </form>
      <LedgerAnswerBox />
    </Panel>
  );
}

interface LiteralFieldProps {
  readonly name: string;
  readonly typed: Signal<string>;
  readonly understood: Literal | null;
  readonly placeholder: string;
  readonly isRequired?: boolean;
  /** What it means that nothing is typed. */
  readonly ifEmpty?: string;
}

function LiteralField({ name, typed, understood, placeholder, isRequired = false, ifEmpty = "" }: LiteralFieldProps) {
  const meaning = `${name.toLowerCase()}-meaning`;
  return (
    <div class="literal">
      <label class="field">
        <span>{name}</span>
        <input
          value={typed.value}
          required={isRequired}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={placeholder}
          aria-describedby={meaning}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
      </label>
      <p id={meaning} class={understood?.isDoubtful ? "meaning meaning-doubtful" : "meaning"}>
        {understood === null ? ifEmpty : `${name} is ${understood.meaning}`}
      </p>
    </div>
  );
}
