import { expect, test } from "vitest";
import { OPENED, StandIn } from "./stand-in.ts";

test("a write that nobody answered is sent again under its number, so that it happens once", async () => {
  const server = new StandIn();
  const write = server.write("/chat/messages", { to: "bob", text: "hi" });
  server.say(OPENED, "silence");
  expect(await server.carryOut(write)).toMatchObject({ kind: "failed", mayHaveHappened: true, why: "No connection." });
  server.say({ error: "outcome-unknown" });
  expect(await server.carryOut(write)).toMatchObject({ kind: "failed", mayHaveHappened: true });
  server.say({ body: { ok: 1 } });
  expect(await server.carryOut(write)).toEqual({ kind: "done", body: { ok: 1 } });
  expect(server.numbers.map(([sequence]) => sequence)).toEqual([2, 2, 2]);
  expect(server.asked.filter(({ path }) => path === "/chat/sessions")).toHaveLength(1);
});

test("a number stays open until its outcome is known or nobody will send it again, and no longer", async () => {
  const server = new StandIn();
  const [lost, other] = [1, 2].map((count) => server.write("/chat/messages", { to: "bob", text: `${count}` }));
  if (!lost || !other) throw new Error("two writes");
  server.say(OPENED, "silence", { body: {} }, { body: {} }, { body: {} });
  await server.carryOut(lost);
  await server.carryOut(other);
  await server.carryOut(server.write("/chat/read", { ids: [1] }));
  server.forget(lost);
  await server.carryOut(server.write("/chat/read", { ids: [2] }));
  expect(server.numbers).toEqual([
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 5],
  ]);
});

test("that a second copy had no effect says nothing of the first, but what the chat itself says is true of both", async () => {
  const server = new StandIn();
  const write = server.write("/chat/messages", { to: "bob", text: "hi" });
  server.say(OPENED, { error: "no-leader" });
  expect(await server.carryOut(write)).toMatchObject({ mayHaveHappened: false });
  server.say("silence", { error: "no-leader" }, { error: "not-logged-in" }, { error: "no-such-recipient" });
  for (const mayHaveHappened of [true, true, true, false]) {
    expect(await server.carryOut(write)).toMatchObject({ kind: "failed", mayHaveHappened });
  }
  expect(server.numbers.map(([sequence]) => sequence)).toEqual([2, 3, 3, 3, 3]);
});

test("without a session nothing was sent; it is opened under one name until it is open", async () => {
  const server = new StandIn();
  const write = server.write("/chat/messages", { to: "bob", text: "hi" });
  server.say("silence", { error: "outcome-unknown" }, OPENED, { body: {} });
  expect(await server.carryOut(write)).toMatchObject({ kind: "failed", mayHaveHappened: false });
  expect(await server.carryOut(write)).toMatchObject({ kind: "failed", mayHaveHappened: false });
  expect(await server.carryOut(write)).toMatchObject({ kind: "done" });
  const names = server.asked.filter(({ path }) => path === "/chat/sessions").map(({ body }) => body);
  expect(names).toHaveLength(3);
  expect(new Set(names.map((body) => JSON.stringify(body))).size).toBe(1);
});

test("two writes that wait for the same session have it together, under two numbers", async () => {
  const server = new StandIn();
  const both = [1, 2].map((count) => server.carryOut(server.write("/chat/read", { ids: [count] })));
  server.say(OPENED, OPENED, { body: {} }, { body: {} });
  await Promise.all(both);
  expect(server.numbers.map(([sequence]) => sequence)).toEqual([2, 3]);
});

test("a session that has expired is opened anew, and nobody knows of the write that met it", async () => {
  const server = new StandIn();
  const write = server.write("/chat/messages", { to: "bob", text: "hi" });
  server.say(OPENED, { error: "session-expired" }, { body: { openedAt: 90, firstSequence: 2 } }, { body: {} });
  expect(await server.carryOut(write)).toMatchObject({ kind: "failed", mayHaveHappened: true });
  expect(await server.carryOut(write)).toMatchObject({ kind: "done" });
  expect(server.asked.at(-1)?.body).toMatchObject({ session: { openedAt: 90, sequence: 2 } });
});

test("a write of which nobody knows does not hold up those after it for ever: they get a session of their own", async () => {
  const server = new StandIn();
  const lost = server.write("/chat/messages", { to: "bob", text: "hi" });
  server.say(OPENED, "silence");
  await server.carryOut(lost);
  for (let count = 0; count < 999; count++) {
    server.say({ body: {} });
    await server.carryOut(server.write("/chat/read", { ids: [1] }));
  }
  server.say({ body: { openedAt: 5000, firstSequence: 2 } }, { body: {} }, { body: {} });
  await server.carryOut(server.write("/chat/read", { ids: [1] }));
  await server.carryOut(lost);
  expect(server.numbers.slice(-2)).toEqual([
    [2, 2],
    [2, 2],
  ]);
  expect(server.asked.at(-1)?.body).toMatchObject({ session: { openedAt: 7 } });
});
