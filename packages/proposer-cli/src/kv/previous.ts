import type { Arguments } from "../terminal/command.js";
import { legible } from "../terminal/legible.js";
import type { Terminal } from "../terminal/terminal.js";
import { where } from "./key-text.js";

export const PREVIOUS_OPTION = {
  previous: { type: "boolean", default: false, describe: "Also say what was there before" },
} as const;

/** What a request says for `--previous`. */
export function askedFor(args: Arguments): { readonly previous?: true } {
  return args["previous"] ? { previous: true } : {};
}

/** Tells what a write replaced, if that was asked. */
export function tellPrevious(args: Arguments, reply: object, terminal: Terminal): void {
  if (!args["previous"]) return;
  const { previous } = reply as { readonly previous?: { readonly value: string; readonly revision: number } | null };
  if (previous)
    terminal.line(`before: ${legible(JSON.stringify(previous.value))}${where({ revision: previous.revision })}`);
  else terminal.line("before: no such key");
}
