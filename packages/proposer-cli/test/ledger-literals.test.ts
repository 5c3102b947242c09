import type { Json } from "@synod/client";
import { operationComplaint } from "@synod/state-machines";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { literalIn } from "../src/ledger/literal.ts";
import { LiteralError } from "../src/ledger/literal-error.ts";
import { literalText } from "../src/ledger/literal-text.ts";
import { literalsIn, literalsOfArguments } from "../src/ledger/typed-literals.ts";

/** Why this is no literal. */
function whyNot(read: () => unknown): string {
  try {
    return `it is one: ${JSON.stringify(read())}`;
  } catch (error) {
    if (error instanceof LiteralError) return error.message;
    throw error;
  }
}

/** Lists within each other. */
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("a literal", () => {
  test.each<[string, Json]>([
    ['"a string"', "a string"],
    ["'a string'", "a string"],
    ["''", ""],
    ["1", 1],
    ["-1", -1],
    ["+1.5e3", 1500],
    [".5", 0.5],
    ["5.", 5],
    ["0x1F", 31],
    ["9007199254740991", 9007199254740991],
    ["-9007199254740991", -9007199254740991],
    ["1e20", 1e20],
    ["True", true],
    ["[False, None, true, null]", [false, null, true, null]],
    ["{'key1':'val1'}", { key1: "val1" }],
    ["  {'a': [1, {'b': []}, ], \"c d\": {},}  ", { a: [1, { b: [] }], "c d": {} }],
    ["'True - None # (1, 2) {}'", "True - None # (1, 2) {}"],
    ["'it\\'s'", "it's"],
    ['"it\'s"', "it's"],
    ["'\\x41\\u00e9\\n\\\\'", "Aé\n\\"],
    ["'\\0'", "\0"],
    ["'\u2028'", "\u2028"],
    ["{'__proto__': 1}", JSON.parse('{"__proto__": 1}')],
    ["'😀'", "😀"],
  ])("%s is one, and nothing in quotes is taken for anything else", (text, value) => {
    expect(literalIn(text)).toEqual(value);
  });

  test.each([
    ["(1, 2)", "tuple"],
    ["[(1, 2)]", "tuple"],
    ["{1, 2}", "a set"],
    ["{'a'}", "a set"],
    ["b'x'", "bytes"],
    ["rb'x'", "bytes"],
    ["r'x'", "raw string"],
    ["f'{x}'", "formatted string"],
    ["fR'x'", "formatted string"],
    ["u'x'", "prefix"],
    ["2j", "complex"],
    ["1+2j", "complex"],
    ["NaN", "NaN is no number"],
    ["-Infinity", "no number"],
    ["inf", "no number"],
    ["1e999", "too large"],
    ["9007199254740992", "lose digits: put it in quotes"],
    ["0x20000000000000", "lose digits"],
    ["{1: 2}", "put 1 in quotes"],
    ["{None: 2}", "put None in quotes"],
    ["{[1]: 2}", "no lists"],
    ["{{}: 2}", "no dictionaries"],
    ["'\\a'", "bell"],
    ["'\\N{BULLET}'", "\\N{...} is not known"],
    ["'\\U0001F600'", "\\U is not known"],
    ["'\\101'", "octal"],
    ["'\\01'", "octal"],
    ["'\\d'", "write \\\\d"],
    ["'\\x4'", "two hexadecimal digits"],
    ["'\\u12'", "four hexadecimal digits"],
    ["'''x'''", "triple quotes"],
    ['""""""', "triple quotes"],
    ["'a''b'", "side by side"],
    ["['a' 'b']", "side by side"],
    ["1_000", "1000"],
    ["0o17", "decimal"],
    ["007", "decimal"],
    ["[1] # one", "after the literal comes more"],
    ["[1, # one\n]", "comment"],
    ["/* */ 1", "comment"],
    ["[1 // 2\n]", "comment"],
    ["alice", "put text in quotes, 'alice'"],
    ["2026-11-21", "is no number: put text in quotes"],
    ["{key: 1}", "key is no literal"],
    ["undefined", "is no literal"],
    ["[1", "] is missing"],
    ["{'a': 1", "} is missing"],
    ["{'a' 1}", "no colon"],
    ["{'a': }", "expected a literal, not }"],
    ["[1 2]", "expected a comma or ]"],
    ["[,]", "expected a literal, not ,"],
    ["{,}", "expected a key in quotes, not ,"],
    ["1 2", "comes more: 2"],
    ["]", "expected a literal, not ]"],
    ["", "the text ends"],
    ["'abc", "not closed"],
    ["'abc\\", "not closed"],
    ["'a\nb'", "line's end"],
    ["\u00a01", "is no literal"],
    [nested(63), "62 deep"],
    ["__import__('os')", "is no literal"],
    ["1+1", "is no number"],
  ])("%s is none, and what is said names it", (text, why) => {
    expect(whyNot(() => literalIn(text))).toContain(why);
  });

  test("may be nested as deep as a ledger takes, and no deeper", () => {
    const complaint = (text: string) => operationComplaint({ type: "get", key: JSON.parse(text) });
    expect([complaint(nested(62)), whyNot(() => literalIn(nested(62)))]).toEqual([null, `it is one: ${nested(62)}`]);
    expect([complaint(nested(63)), whyNot(() => literalIn(nested(63)))]).toEqual([
      expect.stringContaining("deeper than 62 levels"),
      expect.stringContaining("62 deep at most"),
    ]);
  });

  test("that is printed is read as the same value, and holds nothing that a terminal obeys", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }), (value) => {
        const text = literalText(value as Json);
        expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
        expect(JSON.stringify(literalIn(text))).toBe(JSON.stringify(value));
      }),
    );
  });

  test("that is no literal is said to be none, whatever it is: nothing else is thrown", () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      "a",
      "1",
      " ",
      "-",
      "#",
      "\n",
      "(",
      ".",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(whyNot(() => literalIn(pieces.join("")))).not.toBe("");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the literals of a line", () => {
  const put = (text: string) => literalsIn("put", text, ["key", "value"]);

  test("are split where the first one ends, whatever stands in its quotes and brackets", () => {
    expect(put(" 'a b' {'k': [1, 2]}")).toEqual(["a b", { k: [1, 2] }]);
    expect(put("{'a - b': \"put 'x' 'y'\"}    None ")).toEqual([{ "a - b": "put 'x' 'y'" }, null]);
    expect(literalsIn("get", "1", ["key"])).toEqual([1]);
  });

  test.each([
    ["", "the key is missing: put <key> <value>"],
    ["'a'", "the value is missing: put <key> <value>"],
    ["'a' 'b' 'c'", "one literal too many: 'c'"],
    ["'a' {'k': 1}}", "} closes nothing"],
    ["'a' [1, [2]", "] is missing"],
    ["'a'1", "a space is missing before 1"],
    ["'a''b'", "side by side"],
    ["'a b", "not closed"],
  ])("`put %s` is refused: %s", (text, why) => {
    expect(whyNot(() => put(text))).toContain(why);
  });

  test("that lack quotes are shown with them, so that the line can be typed again", () => {
    expect(whyNot(() => put("alice 10"))).toMatch(/^alice is no literal.*\. Type: put "alice" 10$/);
    expect(whyNot(() => put("alice bob"))).toContain('Type: put "alice" "bob"');
    expect(whyNot(() => put("{k: [v]} 1"))).toContain('Type: put {"k": ["v"]} 1');
    expect(whyNot(() => put("alice bob carol"))).not.toContain("Type:");
  });
});

describe("the literals of a shell's arguments", () => {
  const put = (...args: string[]) => literalsOfArguments("synod ledger put", args);

  test("are one each", () => {
    expect(put('"alice"', "10")).toEqual(["alice", 10]);
    expect(whyNot(() => put('"alice" 10', "1"))).toContain("comes more");
  });

  test.each([
    [["alice", "10"], `synod ledger put '"alice"' 10`],
    [["hello world", "it's"], `synod ledger put '"hello world"' '"it'\\''s"'`],
    [["{key1:val1}", "True"], `synod ledger put '{"key1":"val1"}' True`],
    [["[a, 'b c']", "$x"], `synod ledger put '["a", '\\''b c'\\'']' '"$x"'`],
  ])("that lack quotes are shown as the shell must be given them: %j", (args, command) => {
    const why = whyNot(() => put(...args));
    expect(why.endsWith(command), why).toBe(true);
  });
});
