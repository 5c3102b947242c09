import type { NodeId } from "@synod/consensus";
import { BY_PERCENTAGE, BY_TIME, either, MOMENT, readClauses, readPercentageWord, SPAN, TAIL } from "./clauses.js";
import type { DelayRange, Fault, Span } from "./fault.js";
import { suggestion } from "./nearest-word.js";
import { SHARE } from "./quantities.js";
import { type KnownNodes, readLinks, readNodes, readSomeLinks } from "./read-nodes.js";
import { type Statement, statementsIn } from "./statement.js";
import { type FaultProblem, FaultSyntaxError, MOST_PROBLEMS, problemWith } from "./syntax-error.js";

/** A fault, and the line of the text that says it, from 1. */
export type PlannedFault = Fault & { readonly line: number };

/**
 * Reads faults, in the language of docs/faults.md: one a line, or several with `;` between them.
 *
 * @param known the names of the nodes there are, if any other name shall be a problem
 * @returns the faults in the order of the text
 * @throws {FaultSyntaxError} with what is wrong in each fault
 */
export function parseFaults(text: string, known: readonly NodeId[] | null = null): PlannedFault[] {
  const faults: PlannedFault[] = [];
  const problems: FaultProblem[] = [];
  for (const statement of statementsIn(text)) {
    try {
      faults.push({ ...readFault(statement, known), line: statement.first.line });
    } catch (error) {
      if (!(error instanceof FaultSyntaxError)) throw error;
      problems.push(...error.problems);
      if (problems.length === MOST_PROBLEMS) break;
    }
  }
  const [first, ...others] = problems;
  if (first !== undefined) throw new FaultSyntaxError([first, ...others]);
  return faults;
}

/** For each kind: what reads the words after it. */
const READERS: { readonly [K in Fault["kind"]]: (statement: Statement, known: KnownNodes) => Fault } = {
  cut: (statement, known) => ({ kind: "cut", links: readLinks(statement, known), ...readSpan(statement) }),
  drop: (statement, known) => readLossy("drop", statement, known),
  duplicate: (statement, known) => readLossy("duplicate", statement, known),
  reorder: (statement, known) => readLossy("reorder", statement, known),
  delay: (statement, known) => ({ kind: "delay", links: readSomeLinks(statement, known), ...readBy(statement) }),
  crash: readCrash,
  pause: (statement, known) => ({ kind: "pause", nodes: readNodes(statement, known), ...readSpan(statement) }),
  "slow-disk": (statement, known) => ({
    kind: "slow-disk",
    nodes: readNodes(statement, known),
    ...readBy(statement),
  }),
  skew: readSkew,
  restart: (statement, known) => ({ kind: "restart", nodes: readNodes(statement, known), ...readMoment(statement) }),
  resume: (statement, known) => ({ kind: "resume", nodes: readNodes(statement, known), ...readMoment(statement) }),
  heal: (statement) => ({ kind: "heal", ...readMoment(statement) }),
};

const KINDS: readonly string[] = Object.keys(READERS);

function readFault(statement: Statement, known: KnownNodes): Fault {
  const word = statement.take("a fault");
  const kind = word.text.toLowerCase();
  if (!isKind(kind)) throw problemWith(word, `expected ${either(KINDS)}${suggestion(word.text, KINDS)}`);
  return READERS[kind](statement, known);
}

function isKind(word: string): word is Fault["kind"] {
  return KINDS.includes(word);
}

function readLossy(kind: "drop" | "duplicate" | "reorder", statement: Statement, known: KnownNodes): Fault {
  const partsPerMillion = readPercentageWord(statement, SHARE);
  return { kind, partsPerMillion, links: readSomeLinks(statement, known), ...readSpan(statement) };
}

function readCrash(statement: Statement, known: KnownNodes): Fault {
  const nodes = readNodes(statement, known);
  const { tail = "random", atUs = null, forUs = null } = readClauses(statement, TAIL);
  return { kind: "crash", nodes, tail, atUs, forUs };
}

function readSkew(statement: Statement, known: KnownNodes): Fault {
  const nodes = readNodes(statement, known);
  const { skewPpm, atUs = null, forUs = null } = readClauses(statement, BY_PERCENTAGE);
  if (skewPpm === undefined) throw lacksBy(statement, "+10%");
  return { kind: "skew", nodes, partsPerMillion: skewPpm, atUs, forUs };
}

function readBy(statement: Statement): Span & { readonly by: DelayRange } {
  const { by, atUs = null, forUs = null } = readClauses(statement, BY_TIME);
  if (by === undefined) throw lacksBy(statement, "50ms..200ms");
  return { by, atUs, forUs };
}

function lacksBy(statement: Statement, example: string): FaultSyntaxError {
  return problemWith(statement.first, `does not say by how much; add by ${example}, for example`);
}

function readSpan(statement: Statement): Span {
  const { atUs = null, forUs = null } = readClauses(statement, SPAN);
  return { atUs, forUs };
}

function readMoment(statement: Statement): Pick<Span, "atUs"> {
  const { atUs = null } = readClauses(statement, MOMENT);
  return { atUs };
}
