import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { chatLine, isKept, toComplete } from "../src/chat/chat-lines.ts";
import { conversationText, eventText, messageText, userText } from "../src/chat/chat-text.ts";

test.each([
  ["  SEND bob  two  words ", false, { command: "send", words: ["bob", "two  words "] }],
  ["/list a*", false, { command: "list", words: ["a*"] }],
  ["quit", false, { command: "exit", words: [] }],
  ["delete 1 #2", false, { command: "delete", words: ["1", "#2"] }],
  ["send bob hello", true, { command: "say", words: ["send bob hello"] }],
  [" a text", true, { command: "say", words: [" a text"] }],
  ["//slash", true, { command: "say", words: ["/slash"] }],
  ["/close", true, { command: "close", words: [] }],
  ["  ", true, null],
] as const)("%j, a conversation being open: %s, is %j", (line, isOpen, meant) => {
  expect(chatLine(line, isOpen)).toEqual(meant);
});

test.each([
  ["sned bob x", "Did you mean send?"],
  ["send bob", "it is send <user> <text>"],
  ["read alice bob", "it is read [user]"],
  ["login alice secret", "it is login <user>: the password is asked for, and nobody sees it"],
])("%j is refused, and what is right is said: %s", (line, words) => {
  expect(() => chatLine(line, false)).toThrow(words);
});

test.each(["login a secret", "/create a secret", "password old new", "/PASSWORD x", "delete-account a secret"])(
  "%j may hold a password, and is not kept",
  (line) => expect(isKept(line)).toBe(false),
);

test.each(["login a", "send a hello", "my password is safe", "delete 1 2"])("%j is kept", (line) => {
  expect(isKept(line)).toBe(true);
});

test.each([
  ["", false, { part: "", of: "command" }],
  ["se", false, { part: "se", of: "command" }],
  ["send al", false, { part: "al", of: "user" }],
  ["/open ", true, { part: "", of: "user" }],
  ["send alice he", false, null],
  ["delete 1", false, null],
  ["hello al", true, null],
] as const)("in %j, a conversation being open: %s, Tab completes %j", (typed, isOpen, wanted) => {
  expect(toComplete(typed, isOpen)).toEqual(wanted);
});

const MESSAGE = {
  id: 7,
  from: "al",
  to: "bo",
  text: "a\n\u202eb\u001b[2J",
  time: Date.UTC(2026, 4, 3, 12),
  read: false,
};

test("what somebody wrote cannot turn the line round, nor command the terminal, nor look like another's line", () => {
  const text = messageText(MESSAGE, "bo", createColors(false), MESSAGE.time);
  expect(text).toMatch(/^#7 \d\d:\d\d al: a\n {4}\\u202eb\\u001b\[2J$/);
  expect(messageText(MESSAGE, "al", createColors(false), MESSAGE.time)).toContain("(not read yet)");
  expect(messageText(MESSAGE, "bo", createColors(false), MESSAGE.time + 3 * 86_400_000)).toMatch(/^#7 2026-05-0\d /);
});

test("of a long message a list shows the beginning, in whole characters", () => {
  const shown = (text: string) =>
    conversationText(
      { with: "al", messages: 1, unread: 0, last: { ...MESSAGE, text } },
      "bo",
      createColors(false),
      MESSAGE.time,
    ).replace(/^.* al: /, "");
  expect(shown("x".repeat(60))).toBe("x".repeat(60));
  expect(shown("x".repeat(61))).toBe(`${"x".repeat(60)} ...`);
  expect(shown(`${"x".repeat(59)}😀😀`)).toBe(`${"x".repeat(59)}😀 ...`);
  expect(shown("one\ntwo")).toBe("one ...");
});

test("each user has a colour, always the same, and none where there are to be none", () => {
  const colors = createColors(true);
  expect(userText("alice", colors)).toBe(userText("alice", colors));
  expect(
    new Set(["alice", "bob", "carol", "dave"].map((user) => userText(user, colors).slice(0, 5))).size,
  ).toBeGreaterThan(1);
  expect(userText("alice", createColors(false))).toBe("alice");
});

test("each event has words of its own", () => {
  const tell = (event: Parameters<typeof eventText>[0]) => eventText(event, "bo", createColors(false), MESSAGE.time);
  expect(tell({ type: "deleted", conversations: [{ with: "al", ids: [1, 2] }] })).toBe(
    "2 messages with al deleted: #1 #2",
  );
  expect(tell({ type: "read", by: "al", conversations: [{ from: "bo", ids: [3] }] })).toBe("al has read yours: #3");
  expect(tell({ type: "read", by: "bo", conversations: [{ from: "al", ids: [3] }] })).toBe(
    "bo has read those of al: #3",
  );
  expect(tell({ type: "account-deleted", user: "al" })).toContain("Account 'al' deleted");
  expect(tell({ type: "logged-out" })).toBe("User 'bo' logged out.");
  expect(tell({ type: "resync" })).toContain("some changes were missed");
});
