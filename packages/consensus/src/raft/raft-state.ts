import { invariant } from "../core/invariant.js";
import type { NodeId } from "../core/participant.js";
import { type Configuration, Configurations } from "./configuration.js";
import type { Index, RaftEntry, Term } from "./messages.js";
import { RaftLog } from "./raft-log.js";

/** A state up to an entry, in place of all entries through it (§5.1). */
export interface RaftSnapshot {
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  readonly configuration: Configuration;
  readonly pieces: readonly string[];
}

/** What a Raft server makes durable, before it answers anything that rests on it (§3.4, §3.8). */
export type RaftWrite =
  | { readonly kind: "term"; readonly term: Term; readonly votedFor: NodeId | null }
  /** These entries stand from this index on, in place of whatever stood there. */
  | { readonly kind: "entries"; readonly from: Index; readonly entries: readonly RaftEntry[] }
  | { readonly kind: "snapshot"; readonly snapshot: RaftSnapshot };

/** What a server remembers across a crash: its term, its vote, its log and its last snapshot. */
export interface RaftState {
  term: Term;
  votedFor: NodeId | null;
  readonly log: RaftLog;
  configurations: Configurations;
  snapshot: RaftSnapshot | null;
}

/** Of a server that was never started. @param configuration the members when the cluster was made */
export function freshRaftState(configuration: Configuration): RaftState {
  const configurations = new Configurations(configuration);
  return { term: 0, votedFor: null, log: new RaftLog(), configurations, snapshot: null };
}

/** The one way in which a state changes: in a step, and when it is rebuilt from what was written. */
export function applyRaftWrite(state: RaftState, write: RaftWrite): void {
  switch (write.kind) {
    case "term":
      // A vote that is given is never taken back, nor given twice (§3.4): two leaders of one term could follow.
      invariant(write.term >= state.term, "the term never falls");
      invariant(write.term > state.term || state.votedFor === null, "a server votes once in a term");
      state.term = write.term;
      state.votedFor = write.votedFor;
      return;
    case "entries":
      putEntries(state, write.from, write.entries);
      return;
    case "snapshot":
      takeSnapshot(state, write.snapshot);
      return;
  }
}

function putEntries({ log, configurations }: RaftState, from: Index, entries: readonly RaftEntry[]): void {
  invariant(from >= log.firstIndex && from <= log.lastIndex + 1, "a log has no gaps");
  if (from <= log.lastIndex) {
    log.truncateFrom(from);
    configurations.truncateFrom(from);
  }
  for (const entry of entries) {
    const index = log.append(entry);
    if (entry.configuration) configurations.add(index, entry.configuration);
  }
}

/** Entries after the snapshot stay if they follow what it holds (§5.3); else nothing is known of where they belong. */
function takeSnapshot(state: RaftState, snapshot: RaftSnapshot): void {
  const { lastIndex, lastTerm, configuration } = snapshot;
  invariant(lastIndex > (state.snapshot?.lastIndex ?? 0), "a snapshot holds more than the one before it");
  state.snapshot = snapshot;
  if (state.log.termAt(lastIndex) === lastTerm) return;
  state.log.restartAfter(lastIndex, lastTerm);
  state.configurations = new Configurations(configuration, lastIndex);
}
