import { ENGINES } from "@synod/api";
import { beforeAll, describe, expect, test } from "vitest";
import type { ChangeReader } from "../change-reader.ts";
import { until } from "../cluster-stage.ts";
import { ChatStage } from "./chat-stage.ts";

const typesOf = (reader: ChangeReader) => reader.events.map(({ event }) => event);
// biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests look at
const textsOf = (reader: ChangeReader) => reader.events.map(({ data }) => (data as any).message?.text);
const told = (reader: ChangeReader, count: number) => until(`${count} are told`, () => reader.events.length >= count);

/** One chat for all tests of each engine, whose nodes forget changes soon; each test has people of its own. */
describe.each(ENGINES)("on %s, a stream of what is new", (engine) => {
  let stage: ChatStage;
  beforeAll(async () => {
    const tuning = { changes: { changes: 30 }, heartbeatMs: 50, chat: { freshWithinMs: 3000 }, peerTimeoutMs: 500 };
    stage = await ChatStage.onThreeNodes(engine, tuning);
    return () => stage.end();
  });

  test("tells both sides of each message once and in order, at whichever node they are, and nobody else", async () => {
    const [anna, ben, eve] = await Promise.all(["anna", "ben", "eve"].map((user) => stage.somebody(user)));
    const at1 = await anna?.events("gateway1");
    const at2 = await ben?.events("gateway2");
    const at3 = await eve?.events("gateway3");
    for (const text of ["1", "2", "3"]) await anna?.send("ben", text, "gateway3");
    await ben?.send("anna", "4", "gateway1");
    await eve?.send("eve", "a note", "gateway2");
    const sent = ["1", "2", "3", "4"];
    if (!at1 || !at2 || !at3) throw new Error("no streams");
    await Promise.all([told(at1, 4), told(at2, 4), told(at3, 1)]);
    expect([textsOf(at1), textsOf(at2), textsOf(at3)]).toEqual([sent, sent, ["a note"]]);
    expect(at2.events[0]?.data).toMatchObject({ type: "message", message: { from: "anna", to: "ben", read: false } });
    const ids = at1.events.map(({ id }) => Number(id));
    expect(ids).toEqual(at2.events.map(({ id }) => Number(id)));
    expect(Number(at1.startedAfter)).toBeLessThan(ids[0] ?? 0);
    // Of reads and deletions, both sides learn too.
    const [one = 0, two = 0] = at1.events.map(({ data }) => (data as { message: { id: number } }).message.id);
    await ben?.ask("POST /chat/read", { ids: [one] });
    await ben?.ask("POST /chat/delete", { ids: [one, two] }, "gateway3");
    await Promise.all([told(at1, 6), told(at2, 6)]);
    expect(at1.events.slice(4).map(({ data }) => data)).toEqual([
      { type: "read", by: "ben", conversations: [{ from: "anna", ids: [one] }] },
      { type: "deleted", conversations: [{ with: "ben", ids: [one, two] }] },
    ]);
    expect(at2.events[5]?.data).toEqual({ type: "deleted", conversations: [{ with: "anna", ids: [one, two] }] });
    expect(at3.events).toHaveLength(1);
    for (const reader of [at1, at2, at3]) reader.close();
  });

  test("goes on at another node after the last event that was told, with nothing lost and nothing twice", async () => {
    const [carl, dora] = [await stage.somebody("carl"), await stage.somebody("dora")];
    const first = await dora.events("gateway1");
    await carl.send("dora", "1");
    await told(first, 1);
    first.close();
    await carl.send("dora", "2");
    await carl.send("dora", "3");
    const second = await dora.events("gateway2", first.lastId);
    await carl.send("dora", "4");
    await told(second, 3);
    expect([second.startedAfter, textsOf(second)]).toEqual([first.lastId, ["2", "3", "4"]]);
    second.close();
  });

  test("says that changes are gone if they are, and where it goes on", async () => {
    const fred = await stage.somebody("fred");
    const first = await fred.events("gateway1");
    first.close();
    for (let number = 0; number < 35; number++) await fred.send("fred", `${number}`);
    const late = await fred.events("gateway2", first.startedAfter ?? "");
    await told(late, 31);
    expect(late.events[0]).toMatchObject({ event: "resync", data: { type: "resync" } });
    expect(textsOf(late).slice(1)).toEqual(Array.from({ length: 30 }, (_, index) => `${index + 5}`));
    late.close();
  });

  test("ends with the login, wherever that ends, and only with it", async () => {
    const gina = await stage.somebody("gina");
    const [two, three] = [await stage.logIn("gina"), await stage.logIn("gina")];
    const readers = [await gina.events("gateway1"), await two.events("gateway2"), await three.events("gateway3")];
    await two.ask("POST /chat/logout", {}, "gateway1");
    await readers[1]?.ended;
    expect(readers[1]?.events.map(({ data }) => data)).toEqual([{ type: "logged-out" }]);
    const passwords = { password: "correct horse", new_password: "battery staple" };
    expect((await three.ask("POST /chat/password", passwords, "gateway2")).status).toBe(200);
    await readers[0]?.ended;
    await three.send("gina", "still here", "gateway1");
    if (!readers[0] || !readers[2]) throw new Error("no streams");
    await told(readers[2], 1);
    expect([typesOf(readers[0]), typesOf(readers[2])]).toEqual([["logged-out"], ["message"]]);
    const other = await stage.somebody("hans");
    const atHans = await other.events("gateway1");
    await other.send("gina", "hello", "gateway1");
    expect((await three.ask("POST /chat/account/delete", {}, "gateway2")).status).toBe(200);
    await readers[2].ended;
    expect(typesOf(readers[2])).toEqual(["message", "message", "logged-out"]);
    await told(atHans, 2);
    expect(atHans.events[1]?.data).toEqual({ type: "account-deleted", user: "gina" });
    atHans.close();
    for (const login of [gina, two, three]) {
      await expect(login.events("gateway3")).rejects.toThrow(/^401 .*Not logged in/);
    }
  });

  test("tells whoever takes the name of a deleted account nothing of what was told to the one before", async () => {
    const [iris, jack] = [await stage.somebody("iris"), await stage.somebody("jack")];
    const before = await iris.events();
    before.close();
    await jack.send("iris", "for the first iris");
    await iris.ask("POST /chat/account/delete", {});
    const second = await stage.somebody("iris", "gateway2");
    const reader = await second.events("gateway2", before.startedAfter ?? "");
    await jack.send("iris", "for the second iris");
    await told(reader, 1);
    expect(textsOf(reader)).toEqual(["for the second iris"]);
    reader.close();
  });

  test("is not begun with a login that has ended, nor is that login begun again with its token", async () => {
    const token = "t".repeat(43);
    const logIn = () => stage.ask("POST /chat/logins", { user: "karl", password: "correct horse", token });
    const karl = await stage.somebody("karl");
    await logIn();
    await stage.ask("POST /chat/logout", {}, "gateway1", { "synod-login": token });
    expect((await logIn()).body.code).toBe("not-logged-in");
    karl.token = token;
    await expect(karl.events("gateway2")).rejects.toThrow("401");
  });

  test("is not begun for nobody, nor after an event that never was", async () => {
    const lisa = await stage.somebody("lisa");
    const refusal = async (headers: Record<string, string>) => {
      const { status, body } = await stage.ask("GET /chat/events", undefined, "gateway1", headers);
      return [status, body.code, body.detail];
    };
    expect(await refusal({})).toEqual([401, "not-logged-in", expect.stringMatching(/^Not logged in\. /)]);
    expect(await refusal({ "synod-login": "x".repeat(43) })).toEqual([401, "not-logged-in", expect.anything()]);
    const wrong = await refusal({ ...lisa.headers, "last-event-id": "-1" });
    expect(wrong).toEqual([400, "bad-request", expect.stringContaining("last-event-id")]);
    const ahead = await refusal({ ...lisa.headers, "last-event-id": "999999999" });
    expect(ahead).toEqual([400, "bad-request", expect.stringContaining("no event of that id yet")]);
  });

  test("ends at a node that the others do not reach, which opens none; healed, it tells what was missed", async () => {
    const [mary, nick] = [await stage.somebody("mary"), await stage.somebody("nick")];
    const leader = stage.cluster.server(await stage.cluster.leader()).node;
    const lonely = ["node1", "node2", "node3"].find((node) => node !== leader) ?? "";
    const [here, there] = [lonely.replace("node", "gateway"), leader.replace("node", "gateway")];
    const first = await nick.events(here);
    await mary.send("nick", "1", there);
    await told(first, 1);
    await stage.ask("POST /faults", { faults: `cut ${lonely}<>*` }, here);
    await mary.send("nick", "2", there);
    await first.ended;
    expect(textsOf(first)).toEqual(["1"]);
    await expect(nick.events(here, first.lastId, "?timeout_ms=300")).rejects.toThrow(/^503/);
    const elsewhere = await nick.events(there, first.lastId);
    await told(elsewhere, 1);
    expect(textsOf(elsewhere)).toEqual(["2"]);
    elsewhere.close();
    await mary.send("nick", "3", there);
    await stage.ask("DELETE /faults", undefined, here);
    const healed = await nick.events(here, elsewhere.lastId);
    await told(healed, 1);
    expect(textsOf(healed)).toEqual(["3"]);
    healed.close();
  });

  test("says now and then that it lives, and is counted", async () => {
    const olga = await stage.somebody("olga");
    const answer = await fetch(stage.cluster.url("gateway1", "/chat/events"), { headers: olga.headers });
    const streams = async () => (await stage.cluster.status()).gateway.subscriptions;
    await until("it is counted", async () => (await streams()) === 1);
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of answer.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.includes(": alive")) break;
    }
    expect(text).toMatch(/^event: started\nid: \d+\ndata: \{"type":"started","user":"olga"\}\n\n: alive\n\n/);
    await until("it is counted no more", async () => (await streams()) === 0);
  });
});
