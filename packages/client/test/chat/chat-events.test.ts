import { expect, onTestFinished, test, vi } from "vitest";
import type { ChatEvents, ChatLoginEvent, StreamConnection } from "../../src/index.ts";
import { failureOf } from "../key-value/open-stores.ts";
import { until } from "../key-value/stand-in-gateway.ts";
import { clientOf, StandInChat, StandInState } from "./stand-in-chat.ts";

/** Somebody who is logged in at these nodes, which share a state. */
async function loggedIn(count: number) {
  const state = new StandInState();
  state.passwords.set("alice", "tea is a drink");
  const nodes = await Promise.all(Array.from({ length: count }, () => StandInChat.started(state)));
  const client = clientOf(nodes);
  const [first, second] = nodes as [StandInChat, StandInChat];
  return { state, first, second, client, login: await client.logIn("alice", "tea is a drink") };
}

const isRead = (node: StandInChat, streams = 1) => until("it is read", () => node.streams.length >= streams);

function message(id: number) {
  return { message: { id, from: "bob", to: "alice", text: `text ${id}`, time: 5, read: false } };
}

async function take(events: ChatEvents, count: number): Promise<ChatLoginEvent[]> {
  const taken: ChatLoginEvent[] = [];
  while (taken.length < count) {
    const { done, value } = await events.next();
    if (done || !value) break;
    taken.push(value);
  }
  return taken;
}

test("events begin when they are asked for, and each is told once, as it is; what is none is passed over", async () => {
  const { first, login } = await loggedIn(1);
  const events = login.events();
  await isRead(first);
  expect(first.streams[0]?.headers).toMatchObject({ "synod-login": login.token });
  first.tell("started", 7, { type: "started", user: "alice" });
  expect(await events.started).toBe(7);
  first.tell("message", 8, message(3));
  first.tell("message", 8, message(3));
  first.tell("message", 9, { message: { id: "4" } });
  first.tell("tomorrow's event", 10, {});
  first.tell("deleted", 11, { conversations: [{ with: "bob", ids: [3] }] });
  first.tell("read", 12, { by: "bob", conversations: [{ from: "alice", ids: [1, 2] }] });
  first.tell("account-deleted", 13, { user: "bob" });
  expect(await take(events, 4)).toEqual([
    { type: "message", ...message(3) },
    { type: "deleted", conversations: [{ with: "bob", ids: [3] }] },
    { type: "read", by: "bob", conversations: [{ from: "alice", ids: [1, 2] }] },
    { type: "account-deleted", user: "bob" },
  ]);
  await events.return();
});

test("when a node dies the events go on at another one after the last that was told, and both are said", async () => {
  const { first, second, login } = await loggedIn(2);
  const connections: StreamConnection[] = [];
  const events = login.events({ onConnection: (connection) => connections.push(connection) });
  await isRead(first);
  first.tell("started", 7);
  first.tell("message", 8, message(1));
  expect(await take(events, 1)).toHaveLength(1);
  const next = take(events, 2);
  first.streams[0]?.response.destroy();
  await isRead(second);
  expect(second.streams[0]?.headers["last-event-id"]).toBe("8");
  second.tell("started", 8);
  second.tell("message", 8, message(1));
  second.tell("message", 9, message(2));
  second.tell("message", 10, message(3));
  expect((await next).map((event) => event.type === "message" && event.message.id)).toEqual([2, 3]);
  expect(connections.map(({ lost }) => lost === null)).toEqual([true, false, true]);
  expect(connections[1]?.server).toBe(connections[0]?.server);
  expect(connections[2]?.server).not.toBe(connections[0]?.server);
  await events.return();
});

test("that some changes are gone is told, wherever the stream was, and what follows comes", async () => {
  const { first, login } = await loggedIn(1);
  const events = login.events();
  await isRead(first);
  first.tell("started", 7);
  first.tell("resync", 40);
  first.tell("message", 40, message(1));
  first.tell("resync", 40);
  first.tell("message", 41, message(2));
  expect((await take(events, 3)).map(({ type }) => type)).toEqual(["resync", "resync", "message"]);
  await events.return();
});

test("the end of the login is the last event, also if it came while there was no connection", async () => {
  const { state, first, client, login } = await loggedIn(1);
  const events = login.events();
  await isRead(first);
  first.tell("started", 7);
  first.tell("logged-out", 8);
  expect(await take(events, 2)).toEqual([{ type: "logged-out" }]);
  const others = login.events();
  await isRead(first, 2);
  first.tell("started", 8);
  await others.started;
  state.logins.clear();
  first.streams[1]?.response.destroy();
  expect(await take(others, 2)).toEqual([{ type: "logged-out" }]);
  const refused = login.events();
  expect(await failureOf(refused.next())).toMatchObject({ code: "not-logged-in" });
  expect(await failureOf(refused.started)).toMatchObject({ code: "not-logged-in" });
  await client.close();
  expect(await login.events().next()).toEqual({ done: true, value: undefined });
});

test("events end without an error by their signal, and with the client", async () => {
  const { first, client, login } = await loggedIn(1);
  const ending = new AbortController();
  const events = [login.events({ signal: ending.signal }), login.events()] as const;
  await isRead(first, 2);
  const ends = events.map((one) => one.next());
  ending.abort();
  expect(await ends[0]).toEqual({ done: true, value: undefined });
  await client.close();
  expect(await ends[1]).toEqual({ done: true, value: undefined });
});

test("a node on which nothing comes any more, no heartbeat either, is left for another one after some seconds", async () => {
  const { first, second, login } = await loggedIn(2);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const events = login.events();
  while (first.streams.length === 0) await new Promise(setImmediate);
  first.tell("started", 7);
  expect(await events.started).toBe(7);
  const next = take(events, 1);
  await vi.advanceTimersByTimeAsync(7900);
  expect(second.streams).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(200);
  vi.useRealTimers();
  await isRead(second);
  second.tell("message", 8, message(1));
  expect(await next).toHaveLength(1);
  await events.return();
});
