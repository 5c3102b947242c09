import type { LedgerOperation } from "@synod/state-machines";
import { legible } from "../terminal/legible.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ShownBlock, ShownChain } from "./shown-chain.js";

/** Characters of a key or a value in a drawing. */
const MOST_SHOWN = 60;

/** Of a hash in a drawing. */
const SHORT = 12;

/** What a tentative entry may be that makes no block. */
export const NO_OPERATION = "no put or get: the opening of a session, say";

/** A chain as a drawing for a terminal: a mark a block, and a line between two that are linked. */
export function chainLines({ blocks, tentative }: ShownChain, colors: Terminal["colors"]): string[] {
  const drawn = blocks.flatMap((shown, place) => {
    const next = blocks[place + 1];
    return blockLines(shown, next === undefined ? " " : isLinked(shown, next) ? "│" : colors.red("╳"), colors);
  });
  return [...drawn, ...(tentative ?? []).flatMap((entry) => tentativeLines(entry, colors))];
}

/** Whether the second of two blocks names the first one's hash. */
export function isLinked({ block }: ShownBlock, next: ShownBlock): boolean {
  return block !== null && next.block !== null && next.block.previousHash === block.hash;
}

/** Of a hash, as much as tells it from others. */
export function shortHash(hash: string | null): string {
  return hash === null ? "-" : hash.slice(0, SHORT);
}

/** `put "alice" = 10`. Not yet made legible for a terminal. */
export function operationText(operation: LedgerOperation): string {
  const key = shortened(JSON.stringify(operation.key));
  return operation.type === "get" ? `get ${key}` : `put ${key} = ${shortened(JSON.stringify(operation.value))}`;
}

/** The same text every time, wherever it is read: `2026-11-21 23:08:44.120Z`; what is no time of a calendar stays a number. */
export function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? `${time} ms` : date.toISOString().replace("T", " ");
}

function blockLines({ height, block, problems }: ShownBlock, link: string, colors: Terminal["colors"]): string[] {
  const mark = problems.length === 0 ? colors.green("●") : colors.red("✗");
  const wrong = problems.map((what) => `${link}   ${colors.red(legible(what))}`);
  if (block === null) return [`${mark} ${height}  (no block)`, ...wrong];
  const { hash, operation, proposer, nonce, time, requestId } = block;
  const made = `by ${proposer}, nonce ${nonce}, ${timeText(time)}, request ${requestId}`;
  return [
    `${mark} ${colors.bold(height)}  ${shortHash(hash)}  ${legible(operationText(operation))}`,
    `${link}   ${colors.dim(legible(made))}`,
    ...wrong,
  ];
}

function tentativeLines(entry: NonNullable<ShownChain["tentative"]>[number], colors: Terminal["colors"]): string[] {
  const { slot, proposalId, operation, proposer } = entry;
  const what = operation === null ? NO_OPERATION : operationText(operation as LedgerOperation);
  return [
    `${colors.yellow("◌")} ${colors.yellow("tentative")}  ${legible(what)}`,
    `    ${colors.dim(legible(`slot ${slot}, accepted under proposal id ${proposalId}${proposer === null ? "" : ` for ${proposer}`}; not known to be chosen`))}`,
  ];
}

function shortened(text: string): string {
  // Not in the midst of a pair of surrogates.
  const signs = [...text.slice(0, 2 * MOST_SHOWN)];
  return text.length <= MOST_SHOWN ? text : `${signs.slice(0, MOST_SHOWN).join("")}…`;
}
