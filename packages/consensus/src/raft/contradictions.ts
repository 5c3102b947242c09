import type { LogMessage } from "../log/log-message.js";
import { type Configuration, membersOf } from "./configuration.js";
import type { AppendEntries, InstallSnapshot } from "./messages.js";

/**
 * What a message says that no server of Raft ever says, whatever became of it or of others: it comes from somebody else, and
 * whoever took it would break its own rules by that. Null if there is nothing of the kind.
 */
export function contradictionIn(message: LogMessage): string | null {
  switch (message.type) {
    case "append-entries":
      return contradictionInEntries(message);
    case "install-snapshot":
      return contradictionInPiece(message);
    default:
      return null;
  }
}

/** Each entry has the term of the leader that made it, and a leader appends to what earlier ones left (§3.5). */
function contradictionInEntries({ term, previousTerm, entries }: AppendEntries): string | null {
  let last = previousTerm;
  for (const entry of entries) {
    if (entry.term < last)
      return `an entry of term ${entry.term} comes after one of term ${last}: terms only rise along a log`;
    last = entry.term;
    const wrong = entry.configuration && contradictionInMembers(entry.configuration);
    if (wrong) return wrong;
  }
  return last > term ? laterThan(term, last) : null;
}

function contradictionInPiece(message: InstallSnapshot): string | null {
  const { term, lastTerm, piece, pieces, configuration } = message;
  if (piece >= pieces) return `there is no piece ${piece} of ${pieces}: they are counted from 0`;
  return lastTerm > term ? laterThan(term, lastTerm) : contradictionInMembers(configuration);
}

function laterThan(term: number, entryTerm: number): string {
  return `a leader of term ${term} has no entry of term ${entryTerm}`;
}

function contradictionInMembers(configuration: Configuration): string | null {
  const members = membersOf(configuration);
  if (configuration.voters.length === 0) return "a configuration has a voter: without one, nothing is ever committed";
  return new Set(members).size < members.length ? "a configuration names each of its members once" : null;
}
