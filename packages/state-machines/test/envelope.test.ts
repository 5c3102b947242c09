import { NO_OP } from "@synod/consensus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeCommand,
  encodeCommands,
  encodeOpenSession,
  isSessionPosition,
  type Json,
  parseEnvelope,
} from "../src/index.ts";
import { MOST_NESTING } from "../src/json-shape.ts";
import { anyText } from "./any-text.ts";

const COMMAND = {
  type: "command",
  client: "c",
  openedAt: 1,
  sequence: 3,
  firstUnacknowledged: 2,
  operation: { type: "count" },
};
const { operation: _, ...PLACE } = COMMAND;
const COMMANDS = { ...PLACE, type: "commands", operations: [{ type: "count" }, 7] };
const kindOf = (json: unknown): string => parseEnvelope(JSON.stringify(json)).kind;

/** Arrays in each other, so many levels. */
function nested(levels: number): Json {
  let value: Json = 0;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe("a value of the log", () => {
  test("what was encoded is understood as it was meant", () => {
    fc.assert(
      fc.property(
        anyText.map((text) => `c${text}`.slice(0, 64)),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.maxSafeNat(),
        fc.jsonValue({ maxDepth: 5 }),
        (client, sequence, behind, value) => {
          const operation = JSON.parse(JSON.stringify(value)) as Json;
          const command = {
            client,
            openedAt: sequence,
            sequence,
            firstUnacknowledged: Math.max(1, sequence - behind),
            operation,
          };
          expect(parseEnvelope(encodeCommand(command))).toEqual({ kind: "command", ...command });
          expect(parseEnvelope(encodeOpenSession(client))).toEqual({ kind: "open-session", client });
        },
      ),
    );
  });

  test("a no-op is one however it is spaced, and nothing more", () => {
    expect(parseEnvelope(NO_OP)).toEqual({ kind: "no-op" });
    expect(parseEnvelope(' { "type" : "no-op" } ')).toEqual({ kind: "no-op" });
    expect(kindOf({ type: "no-op", more: 1 })).toBe("foreign");
  });

  test.each<[string, object]>([
    ["an empty client", { client: "" }],
    ["a client of 65 characters", { client: "c".repeat(65) }],
    ["a client that is a number", { client: 1 }],
    ["an opening at slot 0", { openedAt: 0 }],
    ["an opening at no slot", { openedAt: "1" }],
    ["sequence 0", { sequence: 0, firstUnacknowledged: 0 }],
    ["a sequence that is no integer", { sequence: 2.5 }],
    ["a sequence that is a string", { sequence: "3" }],
    ["a sequence above 2^53-1", { sequence: 2 ** 53 }],
    ["a first unacknowledged of 0", { firstUnacknowledged: 0 }],
    ["a first unacknowledged above the sequence", { firstUnacknowledged: 4 }],
    ["a member too many", { more: 1 }],
    ["no operation", { operation: undefined }],
    ["no sequence", { sequence: undefined }],
    ["another type", { type: "Command" }],
    ["an operation nested too deep", { operation: nested(MOST_NESTING + 1) }],
  ])("a command with %s is foreign", (_, change) => {
    expect(kindOf(COMMAND)).toBe("command");
    expect(kindOf({ ...COMMAND, ...change })).toBe("foreign");
  });

  test("several commands are understood as they were meant, each at the place after the one before", () => {
    const operations = fc.array(fc.jsonValue({ maxDepth: 5 }), { minLength: 2, maxLength: 5 });
    const place = fc.record({
      sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 4 }),
      behind: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(anyText, place, operations, (text, { sequence, behind }, drawn) => {
        const client = `c${text}`.slice(0, 64);
        const firstUnacknowledged = Math.max(1, sequence - behind);
        const texts = drawn.map((operation) => JSON.stringify(operation));
        const first = { client, openedAt: sequence, sequence, firstUnacknowledged };
        expect(parseEnvelope(encodeCommands(first, texts))).toEqual({
          kind: "commands",
          commands: texts.map((operation, index) => {
            return { ...first, sequence: sequence + index, operation: JSON.parse(operation) };
          }),
        });
      }),
    );
  });

  test.each<[string, object]>([
    ["an empty client", { client: "" }],
    ["an opening at slot 0", { openedAt: 0 }],
    ["sequence 0", { sequence: 0, firstUnacknowledged: 0 }],
    ["a sequence that is a string", { sequence: "3" }],
    ["a last sequence above 2^53-1", { sequence: Number.MAX_SAFE_INTEGER }],
    ["a first unacknowledged above the first sequence", { firstUnacknowledged: 4 }],
    ["no first unacknowledged", { firstUnacknowledged: undefined }],
    ["no operations", { operations: undefined }],
    ["no operation", { operations: [] }],
    ["one operation", { operations: [7] }],
    ["operations that are no list", { operations: { 0: 7, 1: 7, length: 2 } }],
    ["operations that are a text", { operations: "tea" }],
    ["one operation more, beside them", { operation: 7 }],
    ["a member too many", { more: 1 }],
    ["an operation nested too deep among them", { operations: [7, nested(MOST_NESTING + 1)] }],
  ])("several commands with %s are foreign", (_, change) => {
    expect(kindOf(COMMANDS)).toBe("commands");
    expect(kindOf({ ...COMMANDS, ...change })).toBe("foreign");
  });

  test("of several commands the last sequence and the deepest operations are allowed", () => {
    const sequence = Number.MAX_SAFE_INTEGER - 1;
    expect(kindOf({ ...COMMANDS, sequence, firstUnacknowledged: sequence })).toBe("commands");
    expect(kindOf({ ...COMMANDS, operations: [nested(MOST_NESTING), nested(MOST_NESTING), null] })).toBe("commands");
  });

  test("the longest client, the last sequence and the deepest operation are allowed", () => {
    const sequence = Number.MAX_SAFE_INTEGER;
    expect(kindOf({ ...COMMAND, client: "c".repeat(64) })).toBe("command");
    expect(kindOf({ ...COMMAND, sequence, firstUnacknowledged: sequence })).toBe("command");
    expect(kindOf({ ...COMMAND, operation: nested(MOST_NESTING) })).toBe("command");
    expect(kindOf({ ...COMMAND, operation: null })).toBe("command");
  });

  test("an opening has a client and nothing else", () => {
    expect(kindOf({ type: "open-session", client: "c" })).toBe("open-session");
    for (const wrong of [{}, { client: "" }, { client: 7 }, { client: "c", sequence: 1 }]) {
      expect(kindOf({ type: "open-session", ...wrong })).toBe("foreign");
    }
  });

  test("members called __proto__ and constructor are members like others: too many", () => {
    expect(parseEnvelope('{"__proto__":{"type":"no-op"}}').kind).toBe("foreign");
    expect(parseEnvelope('{"type":"open-session","client":"c","__proto__":null}').kind).toBe("foreign");
    expect(parseEnvelope('{"type":"open-session","client":"c","constructor":1}').kind).toBe("foreign");
    expect(parseEnvelope(encodeOpenSession("__proto__"))).toEqual({ kind: "open-session", client: "__proto__" });
  });

  test("no text makes it throw: deep, long, broken, or half a character", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const texts = [
      deep,
      `{"type":"command","client":"c","openedAt":1,"sequence":2,"firstUnacknowledged":2,"operation":${deep}}`,
      `{"type":"commands","client":"c","openedAt":1,"sequence":2,"firstUnacknowledged":2,"operations":[7,${deep}]}`,
      '{"a":'.repeat(100_000),
      "x".repeat(5_000_000),
      "\ud800",
      '"\ud800"',
      '{"type":"open-session","client":"\udc00"',
      "\u0000",
    ];
    for (const text of texts) expect(parseEnvelope(text).kind).toBe("foreign");
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json()), (text) => {
        expect(parseEnvelope(text).kind).toBe("foreign");
      }),
    );
  });

  test("a position in a session can be checked before it is encoded", () => {
    expect(isSessionPosition({ client: "c", openedAt: 1, sequence: 1, firstUnacknowledged: 1 })).toBe(true);
    expect(isSessionPosition({ client: "c", sequence: 1 })).toBe(false);
    expect(isSessionPosition({ client: "c", openedAt: 1, sequence: 1, firstUnacknowledged: 2 })).toBe(false);
  });
});
