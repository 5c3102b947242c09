import { NO_OP } from "@synod/consensus";
import fc from "fast-check";
import { encodeCommand, encodeCommands, encodeOpenSession, type SessionLimits } from "../src/index.ts";

interface Place {
  readonly client: string;
  readonly openedAt: number;
  readonly sequence: number;
  readonly firstUnacknowledged: number;
}

/** A value of the log of a tape, as it is meant. */
export type LogValue =
  | (Place & { readonly kind: "command"; readonly operation: string })
  | (Place & { readonly kind: "commands"; readonly operations: readonly string[] })
  | { readonly kind: "open-session"; readonly client: string }
  | { readonly kind: "no-op" }
  | { readonly kind: "foreign"; readonly text: string };

export function textOf(value: LogValue): string {
  switch (value.kind) {
    case "command":
      return encodeCommand(value);
    case "commands":
      return encodeCommands(
        value,
        value.operations.map((operation) => JSON.stringify(operation)),
      );
    case "open-session":
      return encodeOpenSession(value.client);
    case "no-op":
      return NO_OP;
    case "foreign":
      return value.text;
  }
}

const client = fc.constantFrom("a", "a", "a", "b", "b", "c", "d", "e");
const FOREIGN = [
  "",
  "apple",
  "{}",
  encodeCommand({ client: "a", openedAt: 1, sequence: 3, firstUnacknowledged: 2, operation: 7 }),
];

/** Few clients, one busier than the others, and few sequences: copies, gaps and leaps come by themselves. */
const anyLogValue: fc.Arbitrary<LogValue> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ client, sequence: fc.integer({ min: 1, max: 9 }), behind: fc.nat(5), length: fc.nat(40) })
      .map(({ client, sequence, behind, length }) => ({
        kind: "command" as const,
        client,
        openedAt: 1,
        sequence,
        firstUnacknowledged: Math.max(1, sequence - behind),
        operation: `${client}${sequence}${"x".repeat(length)}`,
      })),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({
        client,
        sequence: fc.integer({ min: 1, max: 9 }),
        behind: fc.nat(5),
        // Now and then two of them touch the same.
        ends: fc.array(fc.constantFrom("", "", "", "x".repeat(30), "/x"), { minLength: 2, maxLength: 4 }),
      })
      .map(({ client, sequence, behind, ends }) => ({
        kind: "commands" as const,
        client,
        openedAt: 1,
        sequence,
        firstUnacknowledged: Math.max(1, sequence - behind),
        operations: ends.map((end, place) => `${client}${sequence + place}${end}`),
      })),
  },
  { weight: 4, arbitrary: client.map((client) => ({ kind: "open-session" as const, client })) },
  { weight: 1, arbitrary: fc.constant({ kind: "no-op" as const }) },
  { weight: 1, arbitrary: fc.constantFrom(...FOREIGN).map((text) => ({ kind: "foreign" as const, text })) },
);

/** Commands name one of the openings of their client that came before; where there was none, slot 1. */
export const anyLog: fc.Arbitrary<LogValue[]> = fc
  .array(fc.tuple(anyLogValue, fc.nat(6)), { maxLength: 80 })
  .map((drawn) => {
    const openings = new Map<string, number[]>();
    return drawn.map(([value, choice], index) => {
      if (value.kind === "open-session") {
        openings.set(value.client, [...(openings.get(value.client) ?? []), index + 1]);
      }
      if (value.kind !== "command" && value.kind !== "commands") return value;
      const known = openings.get(value.client) ?? [1];
      // Mostly the first or the last: the others were no openings, if the session lived.
      return {
        ...value,
        openedAt: (choice < 3 ? known[0] : choice < 6 ? known.at(-1) : known[index % known.length]) ?? 1,
      };
    });
  });

/** Limits so tiny that sessions expire all the time. */
export const anyLimits: fc.Arbitrary<SessionLimits> = fc.record({
  sessions: fc.integer({ min: 1, max: 5 }),
  replies: fc.integer({ min: 1, max: 12 }),
  replyCharacters: fc.integer({ min: 1, max: 800 }),
  sequencesAhead: fc.integer({ min: 1, max: 8 }),
});
