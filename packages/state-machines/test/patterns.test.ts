import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyPatterns } from "../src/index.ts";
import { anyText } from "./any-text.ts";

function patterns(...texts: string[]): KeyPatterns {
  const parsed = KeyPatterns.parse(texts);
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed;
}

/** By the meaning of the words, with every place of pattern and key looked at. */
function naivelyMatches(pattern: string, key: string): boolean {
  if (pattern === "") return key === "";
  const [first = "", rest] = [pattern[0], pattern.slice(1)];
  const ends = Array.from({ length: key.length + 1 }, (_, length) => length);
  if (first === "*") return ends.some((length) => naivelyMatches(rest, key.slice(length)));
  if (first === "?") {
    return ends.some(
      (length) => length > 0 && !key.slice(0, length).includes("/") && naivelyMatches(rest, key.slice(length)),
    );
  }
  const [literal, after] = first === "\\" ? [pattern[1], pattern.slice(2)] : [first, rest];
  return key[0] === literal && naivelyMatches(after, key.slice(1));
}

describe("patterns of keys", () => {
  test.each([
    ["notify*", ["notify", "notify1", "notify/a/b"], ["notif", "xnotify"]],
    ["user/?/name", ["user/7/name", "user/alice/name"], ["user//name", "user/a/b/name", "user/7/names"]],
    ["*", ["a", "a/b", "😀"], []],
    ["?", ["a", "abc"], ["", "a/b", "/"]],
    ["a*b*c", ["abc", "a1b2c", "abcbc", "a/b/c"], ["ab", "abcd"]],
    ["?/?", ["a/b", "ab/cd"], ["a", "/", "a/b/c"]],
    ["??", ["ab", "abc"], ["a", "a/"]],
    ["a?", ["ab", "abc"], ["a", "a/"]],
    ["*?", ["a", "/a"], ["a/", ""]],
    ["\\*\\?\\\\\\a", ["*?\\a"], ["x?\\a"]],
    ["**", ["", "a/b"], []],
    ["a.c", ["a.c"], ["abc"]],
  ])("%s", (pattern, matching, others) => {
    for (const key of matching) expect(patterns(pattern).matches(key), key).toBe(true);
    for (const key of others) expect(patterns(pattern).matches(key), key).toBe(false);
  });

  test("a key matches a set if it matches one of its patterns", () => {
    const set = patterns("a*", "?/x");
    expect(["a", "b/x", "b/y", "a/b/c"].map((key) => set.matches(key))).toEqual([true, true, false, true]);
    expect(set.texts).toEqual(["a*", "?/x"]);
  });

  test("every match is as the words say, however stars and segments are mixed", () => {
    const letters = fc.constantFrom("a", "b", "/");
    const pattern = fc
      .array(fc.oneof(letters, fc.constantFrom("*", "?", "\\*", "\\\\")), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join(""));
    const key = fc
      .array(fc.oneof(letters, fc.constantFrom("*", "\\")), { maxLength: 9 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(pattern, key, (pattern, key) => {
        expect(patterns(pattern).matches(key)).toBe(naivelyMatches(pattern, key));
      }),
      { numRuns: 2000 },
    );
  });

  test("the same holds of long patterns, made from keys that they match", () => {
    const part = fc.tuple(
      fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 }),
      fc.constantFrom("*", "?", ""),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), fc.nat(), (parts, place) => {
        const pattern = `a${parts.map(([text, run]) => text + run).join("")}`;
        const key = `a${parts.map(([text, run]) => (run === "?" ? `${text}zz` : run === "*" ? `${text}/z/` : text)).join("")}`;
        expect(patterns(pattern).matches(key)).toBe(true);
        // No pattern says "!": that breaks the key unless it falls into a run.
        const at = place % key.length;
        const broken = `${key.slice(0, at)}!${key.slice(at + 1)}`;
        const text = pattern.replace(/[*?]/g, (run) => (run === "*" ? ".*" : "[^/]+"));
        expect(patterns(pattern).matches(broken)).toBe(new RegExp(`^${text}$`).test(broken));
      }),
      { numRuns: 300 },
    );
  });

  test("no key makes a pattern slow: a hundred of the worst kind, a hundred times", () => {
    const set = patterns(...Array.from({ length: 100 }, (_, n) => `${"*a".repeat(20)}*${n}b`));
    const key = "a".repeat(1024);
    for (let time = 0; time < 100; time++) expect(set.matches(key)).toBe(false);
    expect(set.matches(`${key}7b`)).toBe(true);
  });

  test("a place of the pattern may be at any bit", () => {
    for (let length = 1; length <= 130; length++) {
      const text = "a".repeat(length);
      expect(patterns(text).matches(text)).toBe(true);
      expect(patterns(text).matches(`${text}a`)).toBe(false);
      expect(patterns(text).matches(text.slice(1))).toBe(false);
      expect(patterns(`${text}?`).matches(`${text}bc`)).toBe(true);
      expect(patterns(`${text}?`).matches(text)).toBe(false);
      expect(patterns(`${text}*`).matches(text)).toBe(true);
    }
  });

  test.each([
    [[], "no pattern"],
    [["a", ""], "pattern 2 is empty"],
    [["a".repeat(1025)], "pattern 1 has 1025 characters"],
    [["a\\"], "ends with"],
    [Array.from({ length: 101 }, () => "a"), "101 patterns"],
  ])("%.20j is refused, and the error says why", (texts, reason) => {
    expect(KeyPatterns.parse(texts)).toEqual({ error: expect.stringContaining(reason) });
  });

  test("no text makes parsing or matching throw", () => {
    fc.assert(
      fc.property(anyText, anyText, (text, key) => {
        const parsed = KeyPatterns.parse([text]);
        if (!("error" in parsed)) expect(typeof parsed.matches(key)).toBe("boolean");
      }),
    );
  });
});
