import { encodeCommand, encodeCommands, ReplicatedState, type SessionLimits } from "../src/index.ts";
import { SharedTape, type Tape } from "./tape.ts";

/** A command of a tape whose operation names client and sequence, unless it is given; its session was opened at slot 1. */
export function command(
  client: string,
  sequence: number,
  firstUnacknowledged = 2,
  operation = `${client}${sequence}`,
  openedAt = 1,
) {
  return encodeCommand({ client, openedAt, sequence, firstUnacknowledged, operation });
}

/** Commands of a tape that share a slot, with these operations; the session was opened at slot 1. */
export function commands(client: string, sequence: number, operations: readonly string[], firstUnacknowledged = 2) {
  const first = { client, openedAt: 1, sequence, firstUnacknowledged };
  return encodeCommands(
    first,
    operations.map((operation) => JSON.stringify(operation)),
  );
}

/** What clients know of their own sessions: commands of slot 1 are given the slot that last opened their client's. */
function currentSessions() {
  const openings = new Map<string, number>();
  return {
    of: (value: string): string => {
      const client = /^\{"type":"commands?","client":"(\w+)","openedAt":1,/.exec(value)?.[1] ?? "";
      return value.replace('"openedAt":1,', `"openedAt":${openings.get(client) ?? 1},`);
    },
    heard: (value: string, result: string): string => {
      const client = /^\{"type":"open-session","client":"(\w+)"/.exec(value)?.[1];
      if (client !== undefined) openings.set(client, JSON.parse(result).openedAt);
      return result;
    },
  };
}

/** A tape behind a log whose slots are counted by themselves. */
export function log(limits: Partial<SessionLimits> = {}, tape: Tape = new SharedTape()) {
  const foreign: string[] = [];
  const seen: string[] = [];
  const state = new ReplicatedState(tape, {
    limits,
    observer: {
      applied: (slot, marks) => seen.push([slot, ...marks.map(({ text }) => text)].join(" ")),
      foreign: (slot, value) => foreign.push(`${slot} ${value}`),
    },
  });
  const inSession = currentSessions();
  const apply = (value: string) => inSession.heard(value, state.apply(state.appliedThrough + 1, inSession.of(value)));
  return { tape, seen, foreign, state, apply, inSession: inSession.of };
}
