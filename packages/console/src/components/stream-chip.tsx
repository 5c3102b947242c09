import type { StreamState } from "../server/event-stream.js";
import { Chip } from "./chip.js";
import type { MarkKind } from "./mark.js";

const WORDS: Readonly<Record<StreamState["kind"], readonly [kind: MarkKind, word: string]>> = {
  off: ["paused", "not watching"],
  connecting: ["busy", "connecting"],
  connected: ["up", "connected"],
  reconnecting: ["busy", "reconnecting"],
  asleep: ["paused", "asleep"],
  refused: ["down", "refused"],
};

/** How a stream stands, told as it changes. */
export function StreamChip({ state }: { readonly state: StreamState }) {
  const [kind, word] = WORDS[state.kind];
  return (
    <span class="aside" role="status">
      <Chip kind={kind} word={word} />
    </span>
  );
}
