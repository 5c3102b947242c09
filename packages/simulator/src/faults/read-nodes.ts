import type { NodeId } from "@synod/consensus";
import type { Links, Nodes } from "./fault.js";
import { EVERY_LINK } from "./links.js";
import { suggestion } from "./nearest-word.js";
import { isNodeName } from "./node-name.js";
import type { Statement, Word } from "./statement.js";
import { problemWith } from "./syntax-error.js";

/** The nodes there are; null if nobody knows yet, and any name will do. */
export type KnownNodes = readonly NodeId[] | null;

const MOST_LISTED = 10;
const A_NODE = "the name of a node, such as n1";
const SIGNS = new Set<string | undefined>([">", "<>", "<", ","]);

/** `n1`, `n1,n2` or `*`. @throws {FaultSyntaxError} */
export function readNodes(statement: Statement, known: KnownNodes): Nodes {
  if (statement.takeIf("*")) return "*";
  const names: NodeId[] = [];
  let expected = `${A_NODE}, or *`;
  do {
    const word = statement.take(expected);
    const problem = problemOf(word, expected, names, known);
    if (problem !== null) throw problemWith(word, problem);
    names.push(word.text);
    expected = A_NODE;
  } while (statement.takeIf(","));
  return names;
}

function problemOf({ text }: Word, expected: string, earlier: readonly NodeId[], known: KnownNodes): string | null {
  if (!isNodeName(text)) return `expected ${expected}`;
  if (earlier.includes(text)) return "is named twice";
  if (known === null || known.includes(text)) return null;
  const listed = known.slice(0, MOST_LISTED).join(", ");
  const more = known.length > MOST_LISTED ? ", ..." : "";
  return `there is no such node; the nodes are ${listed}${more}${suggestion(text, known)}`;
}

/** `n1>n2`, `n1<>n2`, with groups and `*`. @throws {FaultSyntaxError} */
export function readLinks(statement: Statement, known: KnownNodes): Links {
  const from = readNodes(statement, known);
  const bothWays = statement.takeIf("<>");
  if (!bothWays && !statement.takeIf(">")) throw statement.unexpected("> or <> and the other end, as in n1>n2");
  const to = readNodes(statement, known);
  if (from.length === 1 && to.length === 1 && from !== "*" && from[0] === to[0]) {
    throw problemWith(statement.previous, "a node has no link to itself");
  }
  return { from, to, bothWays };
}

/** Links, or none, which means every link. @throws {FaultSyntaxError} */
export function readSomeLinks(statement: Statement, known: KnownNodes): Links {
  const areThere = statement.peek() === "*" || SIGNS.has(statement.peek()) || SIGNS.has(statement.peek(1));
  return areThere ? readLinks(statement, known) : EVERY_LINK;
}
