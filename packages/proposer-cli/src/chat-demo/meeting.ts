/**
 * The meeting of the two programs of a demo, in which they agree on the cluster that their nodes are of. A pure function
 * of what is heard: `hold-meeting.ts` sends and receives, and nobody clears anything before the outcome says so.
 *
 * Each tells the other the same things again and again, as statements; any of them may be lost, repeated or late. A
 * program first looks, then agrees (it heard what the other one wants, and both go together), and has met when it hears
 * that the other one agrees, too. What a program does that has met cannot be undone by the end of the other one: it is in a
 * cluster with an id of its own then, which no node of another cluster joins.
 *
 * The rule that all of it is for: nodes that forgot their votes and their logs never serve in the cluster in which they
 * gave them. Two wiped nodes and a third would be a majority that does not know what was decided (Ongaro's thesis §3.8:
 * term, vote and log survive). So whoever clears is in a cluster made from what both drew this time, or in none.
 */

/** Which of the two machines a program is. */
export type MachineId = 1 | 2;

/** What a program knows of itself before it meets the other one. */
export interface Facts {
  readonly machine: MachineId;
  /** Drawn anew at every start: names this run, and is this machine's part in the id of a new cluster. */
  readonly run: string;
  /** The address of this machine, and that of the other one, as this one knows them. */
  readonly here: string;
  readonly there: string;
  readonly engine: string;
  readonly portOffset: number;
  /** Whether this start clears what is there. */
  readonly clears: boolean;
  /** The cluster whose data is on this machine; null if there is none. */
  readonly kept: string | null;
}

/** What one program tells the other. */
export interface Statement {
  readonly machine: MachineId;
  readonly run: string;
  /** The run that it is said to; null if that is not known yet. */
  readonly to: string | null;
  readonly here: string;
  readonly there: string;
  readonly engine: string;
  readonly portOffset: number;
  /** The cluster that it goes on with; null if it begins anew. */
  readonly keeps: string | null;
  readonly stage: "looking" | "agreed" | "met";
  /** The cluster that it agrees on, or is in; null while it is looking. */
  readonly cluster: string | null;
}

/** Why this program goes no further. `runs`: the other one is in that cluster now, and not about to be. */
export type Refusal =
  | { readonly kind: "same-machine" }
  | { readonly kind: "other-address"; readonly here: string }
  | { readonly kind: "other-peer"; readonly there: string }
  | { readonly kind: "other-engine"; readonly engine: string }
  | { readonly kind: "other-ports"; readonly portOffset: number }
  /** This one would clear. `canKeep`: it has data of that very cluster. */
  | { readonly kind: "older-cluster"; readonly runs: boolean; readonly canKeep: boolean }
  | { readonly kind: "nothing-kept"; readonly runs: boolean }
  | { readonly kind: "other-cluster"; readonly runs: boolean };

/** What there is to know while this program waits on. */
export type Remark =
  /** A program at another address than the one that is waited for. */
  | { readonly kind: "stranger"; readonly machine: MachineId; readonly here: string }
  /** The other one begins anew, and this one does not: it is refused there. */
  | { readonly kind: "other-begins-anew" };

/**
 * How a meeting ended. `how`: both make a new cluster; both go on with the one they have; or this one joins the other,
 * which runs.
 */
export type Outcome =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "met"; readonly cluster: string; readonly how: "new" | "again" | "joins" };

/** A meeting, as one of the two programs knows it. */
export interface Meeting {
  readonly facts: Facts;
  /** The run of the other program that was heard last. */
  readonly other: string | null;
  /** What this one agreed to, and with which run of the other. */
  readonly agreed: { readonly run: string; readonly cluster: string } | null;
  readonly outcome: Outcome | null;
  readonly remark: Remark | null;
}

/** A statement that was heard. */
export interface Heard {
  readonly statement: Statement;
  /** Whether it answers what this program said, at the address that it was given; else somebody called. */
  readonly isAnswer: boolean;
}

/** Makes the id of a new cluster of what machine 1 and machine 2 drew. */
export type MakeId = (drawnBy1: string, drawnBy2: string) => string;

/** Nobody was heard yet. */
export function begin(facts: Facts): Meeting {
  return { facts, other: null, agreed: null, outcome: null, remark: null };
}

/** What this program says now. @param to the run that hears it, if it is known */
export function say({ facts, agreed, outcome }: Meeting, to: string | null): Statement {
  const { machine, run, here, there, engine, portOffset } = facts;
  const shared = { machine, run, to, here, there, engine, portOffset, keeps: goesOnWith(facts) };
  if (outcome?.kind === "met") return { ...shared, stage: "met", cluster: outcome.cluster };
  if (agreed && agreed.run === to) return { ...shared, stage: "agreed", cluster: agreed.cluster };
  return { ...shared, stage: "looking", cluster: null };
}

/** What becomes of the meeting when this is heard, whose proof was checked. */
export function hear(meeting: Meeting, { statement, isAnswer }: Heard, makeId: MakeId): Meeting {
  const { facts, outcome } = meeting;
  // Its own words, sent back to it.
  if (statement.run === facts.run) return meeting;
  if (statement.here !== facts.there && !isAnswer) {
    const { machine, here } = statement;
    // It must not take the place of the one that is waited for, nor stop this program.
    return { ...meeting, remark: { kind: "stranger", machine, here } };
  }
  // An agreement is with one run of the other: who starts again may want something else.
  const agreed = meeting.agreed?.run === statement.run ? meeting.agreed : null;
  const current = { ...meeting, other: statement.run, agreed };
  // Only what is said to this very run counts: anybody may have kept what an earlier one was told.
  if (outcome !== null || statement.to !== facts.run) return current;
  const refusal = mismatch(facts, statement) ?? conflict(current, statement);
  if (refusal) return { ...current, agreed: null, outcome: { kind: "refused", refusal } };
  return agree(current, statement, makeId);
}

/** What keeps the two from being the two machines of one demo at all. */
function mismatch(facts: Facts, said: Statement): Refusal | null {
  if (said.machine === facts.machine) return { kind: "same-machine" };
  if (said.here !== facts.there) return { kind: "other-address", here: said.here };
  if (said.there !== facts.here) return { kind: "other-peer", there: said.there };
  if (said.engine !== facts.engine) return { kind: "other-engine", engine: said.engine };
  if (said.portOffset !== facts.portOffset) return { kind: "other-ports", portOffset: said.portOffset };
  return null;
}

/** The cluster of the other one that this one can be no part of. */
function conflict({ facts, agreed }: Meeting, said: Statement): Refusal | null {
  const own = goesOnWith(facts);
  const runs = said.stage === "met";
  const theirs = runs ? said.cluster : said.keeps;
  if (theirs === null || theirs === own || (runs && theirs === agreed?.cluster)) return null;
  if (facts.clears) return { kind: "older-cluster", runs, canKeep: facts.kept === theirs };
  return { kind: own === null ? "nothing-kept" : "other-cluster", runs };
}

/** They go together, or will when the other one is started again: how far are they? */
function agree(meeting: Meeting, said: Statement, makeId: MakeId): Meeting {
  const { facts, agreed } = meeting;
  const own = goesOnWith(facts);
  if (said.stage === "met" && said.cluster !== null) {
    const how = agreed === null ? "joins" : own === null ? "new" : "again";
    return { ...meeting, remark: null, outcome: { kind: "met", cluster: said.cluster, how } };
  }
  if (own !== null && said.keeps === null) return { ...meeting, remark: { kind: "other-begins-anew" } };
  const drawn = [facts, said].sort((one, other) => one.machine - other.machine).map(({ run }) => run);
  const cluster = own ?? makeId(drawn[0] ?? "", drawn[1] ?? "");
  const next = { ...meeting, agreed: { run: said.run, cluster }, remark: null };
  if (said.stage !== "agreed" || said.cluster !== cluster) return next;
  return { ...next, outcome: { kind: "met", cluster, how: own === null ? "new" : "again" } };
}

/** The cluster that a program goes on with; null if it begins anew. */
function goesOnWith({ clears, kept }: Facts): string | null {
  return clears ? null : kept;
}
