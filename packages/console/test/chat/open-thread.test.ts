import { beforeEach, describe, expect, test } from "vitest";
import { OpenThread } from "../../src/state/chat/open-thread.ts";
import { message, OPENED, StandIn, turns } from "./stand-in.ts";

let server: StandIn;
let thread: OpenThread;

beforeEach(() => {
  server = new StandIn();
  thread = new OpenThread(server, "bob");
});

const shown = () => thread.thread.value.messages.map(({ id }) => id);

async function loaded(...messages: ReturnType<typeof message>[]): Promise<void> {
  server.say({ body: { messages, next: null } });
  await thread.load();
}

test("what is heard while a page is under way is neither lost nor brought back by it", async () => {
  const loading = thread.load();
  thread.take({ type: "message", message: message(4) });
  thread.take({ type: "deleted", conversations: [{ with: "bob", ids: [2] }] });
  thread.take({ type: "read", by: "alice", conversations: [{ from: "bob", ids: [3] }] });
  server.say({ body: { messages: [message(1), message(2), message(3)], next: null } });
  await loading;
  expect(thread.thread.value.messages.map(({ id, read }) => [id, read])).toEqual([
    [1, false],
    [3, true],
    [4, false],
  ]);
});

test("read anew, it is what the server has, and nothing from before", async () => {
  await loaded(message(1), message(2));
  await loaded(message(2), message(3));
  expect(shown()).toEqual([2, 3]);
});

test("older messages come above those that are shown, page by page", async () => {
  server.say({ body: { messages: [message(3), message(4)], next: 3 } });
  await thread.load();
  server.say({ body: { messages: [message(1), message(2)], next: null } });
  await thread.loadOlder();
  await thread.loadOlder();
  expect(shown()).toEqual([1, 2, 3, 4]);
  expect(server.asked.map(({ path }) => path)).toEqual([
    "/chat/conversations/bob?limit=50",
    "/chat/conversations/bob?before=3&limit=50",
  ]);
});

test("asked to read anew while older messages are under way, it does so after them", async () => {
  server.say({ body: { messages: [message(3)], next: 3 } });
  await thread.load();
  const older = thread.loadOlder();
  void thread.load();
  server.say({ body: { messages: [message(1)], next: null } }, { body: { messages: [message(9)], next: 9 } });
  await older;
  expect(shown()).toEqual([9]);
});

test("a page that does not come is said, and what is shown stays; with nobody there any more, that is said", async () => {
  await loaded(message(1));
  server.say({ error: "no-quorum" });
  await thread.load();
  expect([thread.trouble.value, shown()]).toEqual(["For a reason.", [1]]);
  server.say({ error: "no-such-user" });
  await thread.load();
  expect(thread.thread.value).toEqual({ messages: [], older: null, isGone: true });
});

test("the first message that was new is marked when the conversation is opened, until one answers", async () => {
  const own = message(2, { from: "alice", to: "bob" });
  await loaded(message(1, { read: true }), own, message(3), message(4));
  expect(thread.firstNew.value).toBe(3);
  thread.takeSent(message(5, { from: "alice", to: "bob" }));
  expect(thread.firstNew.value).toBe(null);
});

describe("what was read", () => {
  test("is what somebody saw of the others' messages, and nothing else", async () => {
    await loaded(message(1), message(2), message(3, { from: "alice", to: "bob" }), message(4, { read: true }));
    server.say(OPENED, { body: { count: 1, unread: 1 } });
    thread.see(new Set([2, 3, 4]));
    await turns();
    expect(server.asked.at(-1)).toMatchObject({ path: "/chat/read", body: { ids: [2] }, login: "token" });
    expect(thread.thread.value.messages.map(({ read }) => read)).toEqual([false, true, false, true]);
  });

  test("is told once while it is under way, and what is seen meanwhile is told after it", async () => {
    await loaded(message(1), message(2));
    server.say(OPENED);
    thread.see(new Set([1]));
    await turns();
    thread.see(new Set([1, 2]));
    await turns();
    const told = () => server.asked.filter(({ path }) => path === "/chat/read").map(({ body }) => body);
    expect(told()).toMatchObject([{ ids: [1] }]);
    server.say({ body: { count: 1, unread: 1 } }, { body: { count: 1, unread: 0 } });
    await turns();
    expect(told()).toMatchObject([{ ids: [1] }, { ids: [2] }]);
  });

  test("stays unread if the server could not be told, and is told with the next look", async () => {
    await loaded(message(1));
    server.say(OPENED, "silence");
    thread.see(new Set([1]));
    await turns();
    expect(thread.thread.value.messages[0]?.read).toBe(false);
    server.say({ body: { count: 1, unread: 0 } });
    await thread.markSeen();
    expect(thread.thread.value.messages[0]?.read).toBe(true);
    // Nobody sends the first one again: its number is not kept.
    expect(server.numbers).toEqual([
      [2, 2],
      [3, 3],
    ]);
  });
});

test("what is chosen is deleted once the server has done it; what is gone is not chosen any more", async () => {
  await loaded(message(1), message(2), message(3));
  thread.choose(new Set([1, 2, 3]));
  thread.take({ type: "deleted", conversations: [{ with: "bob", ids: [3] }] });
  expect(thread.chosen.value).toEqual(new Set([1, 2]));
  server.say(OPENED, { error: "no-quorum" });
  expect(await thread.deleteChosen()).toMatchObject({ kind: "failed" });
  expect(shown()).toEqual([1, 2]);
  server.say({ body: { count: 2 } });
  expect(await thread.deleteChosen()).toMatchObject({ kind: "done", body: { count: 2 } });
  expect([shown(), thread.chosen.value]).toEqual([[], null]);
});
