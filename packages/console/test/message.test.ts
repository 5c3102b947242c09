import { describe, expect, test } from "vitest";
import { aboutInWords, isIdle, isShown, type Message, messageIn } from "../src/words/message.ts";

const at = "2026-01-02T03:04:05.678Z";
const told = {
  at,
  from: "proposer1",
  to: "acceptor2",
  type: "accept-log",
  id: 17,
  slots: [41, 43],
  count: 3,
  reply: false,
};
const message = messageIn("message", JSON.stringify(told), 1) as Message;

test("an event is read with all that it says, and without what it does not", () => {
  expect(message).toEqual({ ...told, term: null, number: 1, at: new Date(at), isReply: false, reply: undefined });
  const bare = messageIn(undefined, JSON.stringify({ at, from: "a", to: "b", type: "query" }), 2);
  expect(bare).toMatchObject({ id: null, slots: null, count: null, isReply: false });
});

test("what it is about stands in a line", () => {
  expect(aboutInWords(message)).toBe("id 17 · slots 41–43 · ×3");
  expect(aboutInWords({ ...message, slots: [41, 41], count: 0 })).toBe("id 17 · slot 41 · empty");
  expect(aboutInWords({ ...message, id: null, slots: null, count: null })).toBe("");
  expect(aboutInWords({ ...message, id: null, term: 5, slots: [7, 7], count: 1 })).toBe("term 5 · slot 7 · ×1");
});

describe("a filter", () => {
  const any = { server: "", type: "", text: "" };

  test("lets pass what a server sends or hears, what has the type, and what has the text", () => {
    expect(isShown(message, any)).toBe(true);
    expect(isShown(message, { ...any, server: "proposer1" })).toBe(true);
    expect(isShown(message, { ...any, server: "acceptor2" })).toBe(true);
    expect(isShown(message, { ...any, server: "acceptor" })).toBe(false);
    expect(isShown(message, { ...any, type: "accept-log" })).toBe(true);
    expect(isShown(message, { ...any, type: "learn" })).toBe(false);
    expect(isShown(message, { ...any, text: " SLOTS 41 " })).toBe(true);
    expect(isShown(message, { server: "proposer1", type: "accept-log", text: "id 18" })).toBe(false);
  });

  test("never hides that messages were lost", () => {
    const lost = messageIn("lost", '{"count": 12}', 3);
    expect(lost).toMatchObject({ lost: 12 });
    expect(isShown(lost, { server: "x", type: "y", text: "z" })).toBe(true);
    expect(isIdle(lost)).toBe(false);
  });
});

test("heartbeats and empty messages are idle, and what carries something or counts nothing is not", () => {
  expect(isIdle(message)).toBe(false);
  expect(isIdle({ ...message, count: null })).toBe(false);
  expect(isIdle({ ...message, count: 0 })).toBe(true);
  expect(isIdle({ ...message, type: "heartbeat-heard", count: null })).toBe(true);
});
