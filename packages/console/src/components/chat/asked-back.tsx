import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface AskedBackProps {
  /** The button that asks. */
  readonly name: string;
  readonly isDisabled?: boolean;
  /** What will happen, in whole sentences. */
  readonly children: ComponentChildren;
  /** The button that does it. */
  readonly deed: string;
  readonly onDeed: () => Promise<void>;
}

/** A deed that nobody can undo: it is done once one has said so twice. The focus goes along. */
export function AskedBack({ name, isDisabled = false, children, deed, onDeed }: AskedBackProps) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const focused = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(isAsking);
  useEffect(() => {
    if (isAsking !== wasAsking.current) focused.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  const act = async () => {
    setBusy(true);
    await onDeed();
    setBusy(false);
    setAsking(false);
  };
  if (!isAsking) {
    return (
      <button ref={focused} type="button" class="danger" disabled={isDisabled} onClick={() => setAsking(true)}>
        {name} …
      </button>
    );
  }
  return (
    <fieldset class="warning">
      <legend class="unseen">{name}</legend>
      <p>{children}</p>
      <div class="buttons">
        <button type="button" class="danger" disabled={isBusy} onClick={() => void act()}>
          {deed}
        </button>
        <button ref={focused} type="button" disabled={isBusy} onClick={() => setAsking(false)}>
          Keep
        </button>
      </div>
    </fieldset>
  );
}
