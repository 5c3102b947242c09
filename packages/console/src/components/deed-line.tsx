import type { Deed } from "../state/deeds.js";
import { Mark } from "./mark.js";

/** What was done last, told to screen readers as it comes. */
export function DeedLine({ deed }: { readonly deed: Deed | null }) {
  return (
    <p role="status" class={deed?.isBad ? "deed-words deed-bad" : "deed-words"}>
      {deed?.isBad ? <Mark kind="down" /> : null}
      {deed?.words ?? ""}
    </p>
  );
}
