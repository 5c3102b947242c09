import type { Topology } from "@synod/api";
import { type Document, LineCounter, parseDocument } from "yaml";
import { checkTopology, type Path } from "./check-topology.js";
import { TopologyError } from "./topology-error.js";

/**
 * Reads a topology file: YAML, and so JSON, too.
 *
 * @param source what the file is called in complaints
 * @throws {TopologyError} with everything that is wrong, each with its line
 */
export function readTopology(text: string, source: string): Topology {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const flaws = [...document.errors, ...document.warnings];
  if (flaws.length > 0) {
    throw new TopologyError(flaws.map(({ pos, message }) => `${source}:${lines.linePos(pos[0]).line}: ${message}`));
  }
  return checkTopology(plain(document, source), (path) => `${source}:${lineOf(document, lines, path)}: `);
}

/** @throws {TopologyError} if the file says the same again and again until no memory would hold it */
function plain(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new TopologyError([`${source}: ${(error as Error).message}`]);
  }
}

/** The line of this field; of the nearest one around it if it is missing. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const map: unknown = document.getIn(path.slice(0, length - 1), true);
    const offset = keyOffset(map, path[length - 1] ?? "");
    if (offset !== null) return lines.linePos(offset).line;
  }
  return 1;
}

/** Where a map names this key, in characters from the beginning of the file. */
function keyOffset(map: unknown, name: string): number | null {
  const { items } = (map ?? {}) as { items?: readonly { key?: { value?: unknown; range?: readonly number[] } }[] };
  const pair = items?.find(({ key }) => String(key?.value) === name);
  return pair?.key?.range?.[0] ?? null;
}
