import { Chat, type ChatChange, type ChatOperation } from "@synod/state-machines";
import { expect, test } from "vitest";
import { ChatReader } from "../../src/applications/chat/chat-reader.ts";

const TOKEN = "a".repeat(64);
const RECORD = { salt: "0".repeat(32), hash: "0".repeat(64), cost: 2, blockSize: 1, parallelization: 1 };

/** A chat in which these operations happened, in slots 1, 2, 3, ... */
function chatOf(...operations: readonly ChatOperation[]): Chat {
  const chat = new Chat();
  for (const [index, operation] of operations.entries()) chat.apply(index + 1, operation);
  return chat;
}

const created: ChatOperation = { type: "create-account", user: "anna", password: RECORD, time: 0 };
const loggedIn: ChatOperation = { type: "log-in", user: "anna", credential: 1, token: TOKEN };
const loggedOut: ChatOperation = { type: "log-out", token: TOKEN };

const readerOf = (chat: Chat, seenAt = 2) => new ChatReader({ user: "anna", token: TOKEN, seenAt }, () => chat);

test("whoever lacks changes that are gone is told to read anew, as long as the login has not ended among them", () => {
  const reader = readerOf(chatOf(created, loggedIn));
  expect(reader.goneEvent(9)).toEqual({ event: "resync", id: 9, data: '{"type":"resync"}' });
  expect(reader.isOver).toBe(false);
});

test("if the login has ended among what is gone, that is what the reader is told, and nothing after it", () => {
  const reader = readerOf(chatOf(created, loggedIn, loggedOut));
  expect(reader.goneEvent(9)).toMatchObject({ event: "logged-out", id: 9 });
  expect(reader.isOver).toBe(true);
});

test("the end of an earlier login of the same token is not the end of this one", () => {
  const chat = chatOf(created, loggedIn, loggedOut, loggedIn);
  const ended = { type: "logged-out", user: "anna", tokens: [TOKEN] } as const;
  const reader = readerOf(chat, 4);
  expect([reader.eventOf({ slot: 3, changes: [{ slot: 3, ...ended }] }), reader.isOver]).toEqual([null, false]);
  expect(reader.eventOf({ slot: 5, changes: [{ slot: 5, ...ended }] })).toMatchObject({ event: "logged-out", id: 5 });
  expect(reader.isOver).toBe(true);
});

test("a reader whom nothing concerns is told how far the chat is", () => {
  expect(readerOf(chatOf(created, loggedIn)).progressEvent(1002)).toMatchObject({ event: "progress", id: 1002 });
});

/** Someone sends somebody a message in slot 7. */
function message(id: number, from: string, to: string): ChatChange {
  return { slot: 7, type: "message", message: { id, from, to, text: `text ${id}`, time: 0, read: false } };
}

test("several pieces of news of one slot are one event, so that none is lost where a stream breaks: read anew", () => {
  const reader = readerOf(chatOf(created, loggedIn));
  const eventOf = (...changes: ChatChange[]) => reader.eventOf({ slot: 7, changes });
  expect(eventOf(message(1, "ben", "carl"), message(2, "ben", "carl"))).toBeNull();
  expect(eventOf(message(1, "ben", "carl"), message(2, "ben", "anna"))).toMatchObject({ event: "message", id: 7 });
  expect(eventOf(message(1, "ben", "anna"), message(2, "anna", "ben"))).toEqual({
    event: "resync",
    id: 7,
    data: '{"type":"resync"}',
  });
  expect(reader.isOver).toBe(false);
  const ended = { slot: 7, type: "logged-out", user: "anna", tokens: [TOKEN] } as const;
  expect(eventOf(message(1, "ben", "anna"), ended)).toMatchObject({ event: "logged-out", id: 7 });
  expect(reader.isOver).toBe(true);
});
