import { isInteger } from "../json-shape.js";
import { NotASnapshot, packRows, unpackRows } from "../pieces.js";
import type { Json } from "../state-machine.js";
import { isClient } from "./envelope.js";
import { FIRST_COMMAND, Session } from "./session.js";
import type { SessionLimits } from "./session-limits.js";
import { SessionTable } from "./session-table.js";

/**
 * The table as pieces of a snapshot. A row [client, openedAt, firstUnacknowledged] begins a session, rows
 * [sequence, reply] follow it; sessions come least recently used first, so that the order of use is kept exactly.
 */
export function sessionPieces(table: SessionTable): string[] {
  return packRows(rowsOf(table));
}

function* rowsOf(table: SessionTable): Generator<Json> {
  for (const session of table.sessions) {
    yield [session.client, session.openedAt, session.firstUnacknowledged];
    for (const [sequence, reply] of session.replies) yield [sequence, reply];
  }
}

/** The table of these pieces. @throws {NotASnapshot} if no table with these limits has such pieces */
export function restoredSessions(pieces: readonly string[], limits: SessionLimits): SessionTable {
  const sessions: Session[] = [];
  for (const row of unpackRows(pieces)) {
    if (row.length === 3) sessions.push(sessionOf(row));
    else keepReply(row, sessions.at(-1), limits);
  }
  const table = new SessionTable(limits);
  for (const session of sessions) {
    if (table.openedAt(session.client) !== null) throw new NotASnapshot("the snapshot has one session twice");
    table.add(session);
  }
  // A table that had to let one expire is not the one that the pieces tell of.
  if (table.sessionCount !== sessions.length) throw new NotASnapshot("the snapshot's sessions exceed its limits");
  return table;
}

function sessionOf(row: readonly Json[]): Session {
  const [client, openedAt, firstUnacknowledged] = row;
  if (!isClient(client) || !isInteger(openedAt, 1) || !isInteger(firstUnacknowledged, FIRST_COMMAND)) {
    throw new NotASnapshot("a row of the snapshot is no session");
  }
  return new Session(client, openedAt, firstUnacknowledged);
}

function keepReply(row: readonly Json[], session: Session | undefined, limits: SessionLimits): void {
  const [sequence, reply] = row;
  const isReply =
    row.length === 2 &&
    session !== undefined &&
    isInteger(sequence, session.firstUnacknowledged) &&
    sequence - session.firstUnacknowledged < limits.sequencesAhead &&
    session.replies.get(sequence) === undefined &&
    typeof reply === "string";
  if (!isReply) throw new NotASnapshot("a row of the snapshot is no reply that its session could have kept");
  session.keep(sequence, reply);
}
