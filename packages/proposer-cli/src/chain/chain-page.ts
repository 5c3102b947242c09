import { escaped, htmlPage } from "@synod/simulator/html-page";
import { legible } from "../terminal/legible.js";
import { CHAIN_PAGE_STYLE } from "./chain-page-style.js";
import { isLinked, NO_OPERATION, operationText, shortHash, timeText } from "./chain-text.js";
import type { ShownBlock, ShownChain } from "./shown-chain.js";

/** Blocks on a page: more would make neither the browser nor the reader faster. */
export const MOST_DRAWN = 1000;

/**
 * A part of a chain as a page of HTML that stands alone, without a script: blocks as cards, the links between them, and
 * what is wrong where it is. Of more blocks than there is room for, the last.
 */
export function chainPage(chain: ShownChain): string {
  const { server, place, blocks, tentative } = chain;
  const drawn = blocks.slice(-MOST_DRAWN);
  const items = drawn.map((block, index) => {
    const before = drawn[index - 1];
    return `${before ? linkItem(before, block) : ""}${blockItem(block)}`;
  });
  const body = `<header>
<h1>The chain of ${shown(server)}</h1>
<p class="dim">${shown(place)}</p>
<p>${summary(chain, drawn)}</p>
</header>
<main>
<ol aria-label="Blocks, the first one first">
${[...items, ...(tentative ?? []).map(tentativeItem)].join("\n")}
</ol>
</main>`;
  return htmlPage({ title: legible(`The chain of ${server}`), style: CHAIN_PAGE_STYLE, body });
}

function summary({ height, blocks }: ShownChain, drawn: readonly ShownBlock[]): string {
  const broken = blocks.filter(({ problems }) => problems.length > 0);
  const [first, last] = [drawn[0], drawn.at(-1)];
  const which = first && last ? `Blocks ${first.height} to ${last.height} of ${height}.` : `${height} blocks.`;
  const leftOut = height - drawn.length;
  const rest = leftOut > 0 && first ? ` ${leftOut} are left out.` : "";
  if (broken.length === 0)
    return `${which}${rest} <span class="good">Nothing is wrong with those that are shown.</span>`;
  const links = broken.slice(0, 10).map(({ height: at }) => `<a href="#block-${at}">${at}</a>`);
  const more = broken.length > links.length ? ` and ${broken.length - links.length} more` : "";
  return `${which}${rest} <span class="bad">Broken: block ${links.join(", ")}${more}.</span>`;
}

function blockItem({ height, block, problems }: ShownBlock): string {
  const wrong = problems.map((what) => `<li>${shown(what)}</li>`).join("");
  const isBroken = problems.length > 0;
  const head = `<h2>Block ${height}${isBroken ? ": broken" : ""}</h2>`;
  const body =
    block === null
      ? `<div class="head">${head}</div>`
      : `<div class="head">${head}<code>${shown(operationText(block.operation))}</code></div>
<dl>${rows([
          ["hash", block.hash],
          ["previous", block.previousHash ?? "none: it is the first"],
          ["proposer", block.proposer],
          ["nonce", String(block.nonce)],
          ["time", timeText(block.time)],
          ["request", block.requestId],
        ])}</dl>`;
  return `<li id="block-${height}" class="block${isBroken ? " broken" : ""}">${body}${isBroken ? `<ul>${wrong}</ul>` : ""}</li>`;
}

/** What stands between two blocks. */
function linkItem(before: ShownBlock, shown: ShownBlock): string {
  const isWhole = isLinked(before, shown);
  const line = isWhole ? "M8 0v22" : "M8 0v5M3 6l10 10M13 6 3 16M8 17v5";
  const words = isWhole
    ? `block ${shown.height} names ${shortHash(before.block?.hash ?? null)}`
    : before.block === null || shown.block === null
      ? "<b>no link</b> can be seen: a record is no block"
      : `<b>no link</b>: block ${shown.height} does not name the hash of block ${before.height}`;
  return `<li class="link${isWhole ? "" : " cut"}"><svg width="16" height="22" aria-hidden="true"><path d="${line}"/></svg>${words}</li>\n`;
}

function tentativeItem({
  slot,
  proposalId,
  operation,
  proposer,
}: NonNullable<ShownChain["tentative"]>[number]): string {
  const what = operation === null ? NO_OPERATION : operationText(operation as Parameters<typeof operationText>[0]);
  const facts = rows([
    ["slot", String(slot)],
    ["proposal id", String(proposalId)],
    ["proposer", proposer ?? "unknown"],
  ]);
  return `<li class="block tentative"><div class="head"><h2>Tentative</h2><code>${shown(what)}</code></div>
<p>This server has accepted it. It is not known to be chosen, and has no height and no hash yet.</p><dl>${facts}</dl></li>`;
}

function rows(facts: readonly (readonly [string, string])[]): string {
  return facts.map(([name, value]) => `<dt>${name}</dt><dd>${shown(value)}</dd>`).join("");
}

/** Text as HTML; what turns writing round is shown by its number. */
function shown(text: string): string {
  return escaped(legible(text));
}
