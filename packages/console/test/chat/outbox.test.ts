import type { ChatMessageReply } from "@synod/api";
import { beforeEach, expect, test } from "vitest";
import { Outbox, unsentTo } from "../../src/state/chat/outbox.ts";
import { COST, message, OPENED, StandIn, turns } from "./stand-in.ts";

let server: StandIn;
let outbox: Outbox;
let arrived: ChatMessageReply[];

beforeEach(() => {
  server = new StandIn();
  arrived = [];
  outbox = new Outbox(server, (one) => arrived.push(one));
});

const sent = (id: number, text: string) => ({
  body: { message: message(id, { from: "alice", to: "bob", text }), slot: 40 + id, cost: COST },
});
const states = () => outbox.unsent.value.map(({ text, state }) => [text, state]);

test("messages are sent one after the other, so that they arrive as they were typed, and each says what it cost", async () => {
  void outbox.send("bob", "one", 0);
  void outbox.send("bob", "two", 0);
  server.say(OPENED);
  await turns();
  expect(states()).toEqual([
    ["one", "sending"],
    ["two", "waiting"],
  ]);
  server.say(sent(1, "one"), sent(2, "two"));
  await turns();
  expect(states()).toEqual([]);
  expect(arrived.map(({ id }) => id)).toEqual([1, 2]);
  expect(outbox.costs.value.get(2)).toEqual({ slot: 42, cost: COST });
});

test("a message that nobody answered is shown as such, holds none up, and is sent again under its number", async () => {
  server.say(OPENED, "silence", sent(2, "two"));
  void outbox.send("bob", "one", 0);
  await outbox.send("bob", "two", 0);
  await turns();
  expect(states()).toEqual([["one", "unknown"]]);
  server.say(sent(1, "one"));
  await outbox.sendAgain(1);
  expect(states()).toEqual([]);
  expect(server.numbers).toEqual([
    [2, 2],
    [3, 2],
    [2, 2],
  ]);
});

test("a message that was refused was not sent, and says why; discarded, it is forgotten", async () => {
  server.say(OPENED, { error: "no-such-recipient" });
  await outbox.send("nobody", "hi", 0);
  expect(outbox.unsent.value).toMatchObject([{ state: "failed", why: "Recipient does not exist." }]);
  outbox.discard(1);
  expect(states()).toEqual([]);
});

test("a message that the stream tells of before its answer comes is not shown twice", async () => {
  server.say(OPENED);
  void outbox.send("bob", "hi", 4);
  await turns();
  const before = message(4, { from: "alice", to: "bob", text: "hi" });
  const itself = message(5, { from: "alice", to: "bob", text: "hi" });
  const unsent = outbox.unsent.value;
  expect(unsentTo("bob", unsent, [before])).toHaveLength(1);
  expect(unsentTo("bob", unsent, [before, itself])).toHaveLength(0);
  expect(unsentTo("carol", unsent, [])).toHaveLength(0);
});
