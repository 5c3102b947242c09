import { problem } from "@synod/api";
import { describe, expect, test } from "vitest";
import { nameComplaint, passwordComplaint } from "../../src/words/chat/credentials.ts";
import { dayInWords } from "../../src/words/chat/day.ts";
import { colourOf, initialsOf, PERSON_COLOURS } from "../../src/words/chat/initials.ts";
import { canBeSent, firstLine, roomInWords } from "../../src/words/chat/message-text.ts";
import { patternOf } from "../../src/words/chat/pattern.ts";
import { refusalInWords } from "../../src/words/chat/refusals.ts";
import { withoutSecrets } from "../../src/words/confidential.ts";

test("passwords and logins' tokens are not shown, in requests and in answers; a reader's token is no secret", () => {
  const body = { user: "alice", password: "correct horse", new_password: "battery", token: "AbC", unread: 0 };
  const shown = { user: "alice", password: "…", new_password: "…", token: "…", unread: 0 };
  expect(withoutSecrets(body)).toEqual(shown);
  expect(withoutSecrets({ key: "password", token: 17 })).toEqual({ key: "password", token: 17 });
  expect([null, "token", undefined, [1]].map(withoutSecrets)).toEqual([null, "token", undefined, [1]]);
});

test("a name and a password are complained of before a server is asked", () => {
  expect(["alice", "a.b-c_9", "0", "x".repeat(32)].map(nameComplaint)).toEqual([null, null, null, null]);
  expect(nameComplaint("Alice")).toContain("small letters");
  for (const name of ["", "-a", "x".repeat(33), "ü", "a b"]) expect(nameComplaint(name)).toContain("1 to 32");
  expect(["1234567", "12345678", "x".repeat(1001)].map(passwordComplaint)).toEqual([
    "8 characters or more",
    null,
    "1000 characters or fewer",
  ]);
});

test("what is typed to find people is a part of a name, unless it is a pattern", () => {
  expect([" Ali ", "a*", "??"].map(patternOf)).toEqual(["*ali*", "a*", "??"]);
});

describe("a text", () => {
  test("can be sent if there is something in it, and no more than a message has", () => {
    expect(["hi", "x".repeat(4000)].map(canBeSent)).toEqual([true, true]);
    expect(["", " \n ", "x".repeat(4001), "\ud800"].map(canBeSent)).toEqual([false, false, false, false]);
  });

  test("is told how much room it has once that matters", () => {
    expect([0, 3499, 3500, 4000].map((length) => roomInWords("x".repeat(length)))).toEqual([
      null,
      null,
      "500 left",
      "0 left",
    ]);
    expect(roomInWords("x".repeat(4003))).toContain("3 too many");
  });

  test("stands in one line in a list", () => {
    expect(firstLine("\n one  \ntwo")).toBe("one");
    expect(firstLine("x".repeat(500))).toHaveLength(200);
  });
});

test("a day is today, yesterday or a date, and a time that is none is said to be none", () => {
  const now = new Date(2026, 2, 1, 0, 5);
  const at = (...when: [number, number, number, number]) => dayInWords(new Date(...when).getTime(), now);
  expect([at(2026, 2, 1, 0), at(2026, 1, 28, 23), at(2026, 1, 27, 1), at(2025, 11, 9, 5)]).toEqual([
    "today",
    "yesterday",
    "2026-02-27",
    "2025-12-09",
  ]);
  expect(dayInWords(Number.MAX_SAFE_INTEGER, now)).toBe("no date");
});

test("a refusal is a sentence for people, and what only a server can say is said in its words", () => {
  expect(refusalInWords(problem("no-such-user", "x; POST /chat/accounts"))).toBe("No such user.");
  expect(refusalInWords(problem("incorrect-password", "x"))).toBe("Incorrect password.");
  expect(refusalInWords(problem("username-taken", "x"))).toBe("Username already exists.");
  expect(refusalInWords(problem("no-leader", "nobody leads; wait a little"))).toBe("Nobody leads; wait a little.");
});

test("a person has the same letters and the same colour everywhere", () => {
  expect(["alice", "ada.lovelace", "x", "a-b-c"].map(initialsOf)).toEqual(["AL", "AL", "X", "AB"]);
  expect(colourOf("alice")).toBe(colourOf("alice"));
  for (const name of ["", "a", "bob", "zoe"]) expect(colourOf(name)).toBeLessThan(PERSON_COLOURS);
});
