import type { LedgerMapPage, SpelledEntry } from "@synod/state-machines";

/** A part of a ledger's map, as somebody holds it: all keys behind one and up to another. */
export interface MapPage extends LedgerMapPage {
  /** The canonical text of the key behind which it begins; the empty text for the first. */
  readonly after: string;
}

/** Asks for one page of a map. */
type AskPage = (after: string) => Promise<LedgerMapPage>;

/**
 * All pages of a map. While the chain grows, each is of a height of its own; those that follow each other at one height
 * become one.
 */
export async function allPages(askPage: AskPage): Promise<MapPage[]> {
  const pages: MapPage[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: LedgerMapPage = await askPage(after);
    const last = pages.at(-1);
    if (last && last.height === page.height && last.hash === page.hash) {
      pages[pages.length - 1] = { ...last, entries: [...last.entries, ...page.entries], next: page.next };
    } else {
      pages.push({ ...page, after });
    }
    // A page that leads nowhere would be asked for for ever.
    after = page.next !== null && page.next > after ? page.next : null;
  }
  return pages;
}

/**
 * In what a page differs from the map that a chain spells at the page's height, for people; empty if in nothing.
 *
 * @param hash of the block at this height, as the chain says it
 */
export function differencesOf(
  page: MapPage,
  spelled: ReadonlyMap<string, SpelledEntry>,
  hash: string | null,
  canonicalText: typeof import("@synod/state-machines")["canonicalText"],
): string[] {
  const { height, after, next } = page;
  if (page.hash !== hash) {
    return [`the map belongs to a chain whose block ${height} has the hash ${page.hash}, and here it has ${hash}`];
  }
  const found: string[] = [];
  const held = new Set<string>();
  for (const { key, value, height: putAt } of page.entries) {
    const keyText = canonicalText(key) ?? "";
    held.add(keyText);
    const entry = spelled.get(keyText);
    if (!entry) found.push(`the map has the key ${keyText}, which no block put`);
    else if (entry.valueText !== canonicalText(value)) {
      found.push(`the map has another value for the key ${keyText} than block ${entry.height} put`);
    } else if (entry.height !== putAt) {
      found.push(`the map says that block ${putAt} put the key ${keyText}, and block ${entry.height} did`);
    }
  }
  for (const [keyText, entry] of spelled) {
    const isInPage = keyText > after && (next === null || keyText <= next);
    if (isInPage && !held.has(keyText)) found.push(`the map lacks the key ${keyText}, which block ${entry.height} put`);
  }
  return found;
}
