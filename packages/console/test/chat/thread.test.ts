import type { ChatEvent } from "@synod/api";
import { expect, test } from "vitest";
import { EMPTY_THREAD, MOST_KEPT, taken, withOlder } from "../../src/state/chat/thread.ts";
import { message } from "./stand-in.ts";

const ids = ({ messages }: typeof EMPTY_THREAD) => messages.map(({ id }) => id);
const after = (thread: typeof EMPTY_THREAD, ...events: ChatEvent[]) =>
  events.reduce((now, event) => taken(now, event, "alice", "bob"), thread);

test("messages stand in the order of their ids, each once, however often and in whatever order one hears of them", () => {
  const events = [5, 3, 5, 4].map((id): ChatEvent => ({ type: "message", message: message(id) }));
  const thread = after(EMPTY_THREAD, ...events);
  expect(ids(thread)).toEqual([3, 4, 5]);
  expect(ids(withOlder(thread, [message(1), message(2), message(3)], null))).toEqual([1, 2, 3, 4, 5]);
});

test("what is said in other conversations, of others or of oneself, is not part of this one", () => {
  const others = [
    message(1, { from: "carol" }),
    message(2, { from: "alice", to: "carol" }),
    message(3, { from: "alice", to: "alice" }),
  ];
  expect(ids(after(EMPTY_THREAD, ...others.map((one): ChatEvent => ({ type: "message", message: one }))))).toEqual([]);
  const own: ChatEvent = { type: "message", message: message(4, { from: "alice", to: "bob" }) };
  expect(ids(after(EMPTY_THREAD, own))).toEqual([4]);
});

test("what is deleted goes, what is read is marked, and both once more change nothing", () => {
  const thread = withOlder(EMPTY_THREAD, [message(1), message(2), message(3)], 1);
  const deleted: ChatEvent = {
    type: "deleted",
    conversations: [
      { with: "carol", ids: [1] },
      { with: "bob", ids: [2] },
    ],
  };
  const read: ChatEvent = { type: "read", by: "alice", conversations: [{ from: "bob", ids: [3] }] };
  const now = after(thread, deleted, read);
  expect(now.messages.map(({ id, read: isRead }) => [id, isRead])).toEqual([
    [1, false],
    [3, true],
  ]);
  expect(after(now, deleted, read)).toEqual(now);
  expect(now.older).toBe(1);
});

test("with an account its conversation goes, for the other side, too", () => {
  const thread = withOlder(EMPTY_THREAD, [message(1)], null);
  expect(after(thread, { type: "account-deleted", user: "carol" })).toEqual(thread);
  const gone = after(thread, { type: "account-deleted", user: "bob" });
  expect(gone).toEqual({ messages: [], older: null, isGone: true });
  // Somebody else has the name now.
  expect(after(gone, { type: "message", message: message(2) })).toMatchObject({ isGone: false });
});

test("of a conversation without end the page keeps the newest messages, and knows where the older ones begin", () => {
  const all = Array.from({ length: MOST_KEPT }, (_, place) => message(place + 1));
  const thread = after(withOlder(EMPTY_THREAD, all, null), { type: "message", message: message(MOST_KEPT + 1) });
  expect(thread.messages).toHaveLength(MOST_KEPT);
  expect(thread.older).toBe(2);
});
