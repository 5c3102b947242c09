import { MemoryDisk } from "@synod/storage";
import { describe, expect, test } from "vitest";
import { diskWith, get, memoryApp, post } from "./memory-app.ts";

const NOTHING = { promisedId: -1, acceptedId: -1, acceptedValue: null };
const LAST = Number.MAX_SAFE_INTEGER;

describe("before anything happened", () => {
  test("the state has the three fields that every version of the pool had, empty", async () => {
    const { app } = await memoryApp();
    const answer = await app.inject({ method: "GET", url: "/state" });
    expect(answer.payload).toBe('{"promisedId":-1,"acceptedId":-1,"acceptedValue":null}');
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  test("the history and the log are empty, and nothing is missing from them", async () => {
    const { app } = await memoryApp();
    expect((await get(app, "/history")).reply).toEqual({ instance: 1, history: [], missingThroughId: -1 });
    expect((await get(app, "/log")).reply).toEqual({ promisedId: -1, entries: [], next: null, truncatedThrough: 0 });
  });
});

describe("POST /prepare", () => {
  test("promises a higher id, and says nothing of an acceptance where there is none", async () => {
    const { app } = await memoryApp();
    const answer = await app.inject({ method: "POST", url: "/prepare", payload: { id: 5 } });
    expect(answer.statusCode).toBe(200);
    expect(answer.payload).toBe('{"ignored":false,"promisedId":5}');
    expect((await get(app, "/state")).reply).toEqual({ ...NOTHING, promisedId: 5 });
  });

  test("ignores a lower id and the same one again with 200, since losing a race is no error", async () => {
    const { app } = await memoryApp();
    await post(app, "/prepare", { id: 5 });
    for (const id of [4, 5]) {
      expect(await post(app, "/prepare", { id })).toEqual({ status: 200, reply: { ignored: true, promisedId: 5 } });
    }
  });

  test("tells what was accepted, promising or not, so that the proposer takes that value up", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 3, value: "apple" });
    const accepted = { acceptedId: 3, acceptedValue: "apple" };
    expect((await post(app, "/prepare", { id: 9 })).reply).toEqual({ ignored: false, promisedId: 9, ...accepted });
    expect((await post(app, "/prepare", { id: 8 })).reply).toEqual({ ignored: true, promisedId: 9, ...accepted });
  });

  test("one promise binds every instance, while acceptances belong to one", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 3, value: "apple", instance: 2 });
    expect((await post(app, "/prepare", { id: 3, instance: 7 })).reply).toEqual({ ignored: true, promisedId: 3 });
    expect((await post(app, "/prepare", { id: 4 })).reply).toEqual({ ignored: false, promisedId: 4 });
  });
});

describe("POST /accept", () => {
  test("accepts the promised id and names what it accepted", async () => {
    const { app } = await memoryApp();
    await post(app, "/prepare", { id: 5 });
    const answer = await app.inject({ method: "POST", url: "/accept", payload: { id: 5, value: "apple" } });
    expect(answer.statusCode).toBe(200);
    expect(answer.payload).toBe('{"ignored":false,"acceptedId":5,"acceptedValue":"apple"}');
    expect((await get(app, "/state")).reply).toEqual({ promisedId: 5, acceptedId: 5, acceptedValue: "apple" });
  });

  test("an accept above the promise is a promise too", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 8, value: "apple" });
    expect((await post(app, "/prepare", { id: 8 })).reply).toMatchObject({ ignored: true, promisedId: 8 });
  });

  test("ignores an id below the promise with 200 and changes nothing", async () => {
    const { app } = await memoryApp();
    await post(app, "/prepare", { id: 5 });
    const answer = await post(app, "/accept", { id: 4, value: "late" });
    expect(answer).toEqual({ status: 200, reply: { ignored: true, promisedId: 5 } });
    expect((await get(app, "/state")).reply).toEqual({ ...NOTHING, promisedId: 5 });
  });

  test("the same proposal again is accepted again, so that a lost answer can be asked for twice", async () => {
    const { app } = await memoryApp();
    const first = await post(app, "/accept", { id: 5, value: "apple" });
    expect(await post(app, "/accept", { id: 5, value: "apple" })).toEqual(first);
    expect((await get(app, "/history")).reply).toMatchObject({ history: [{ acceptedId: 5, acceptedValue: "apple" }] });
  });

  test("another value under the id of the accepted one is a conflict, since one id carries one value", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 5, value: "apple", instance: 2 });
    const { status, reply } = await post(app, "/accept", { id: 5, value: "pear", instance: 2 });
    expect(status).toBe(409);
    expect(reply).toEqual({
      type: "urn:synod:problem:value-conflict",
      title: "Another value was accepted under the same id",
      status: 409,
      detail:
        'id 5 already carries the value "apple" in instance 2: one id carries one value, so propose the other one with a higher id',
      code: "value-conflict",
      definite: true,
    });
    expect((await get(app, "/state?instance=2")).reply).toMatchObject({ acceptedValue: "apple" });
  });

  test("the conflict is reported even below the promise, since whoever sent it has broken uniqueness either way", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 5, value: "apple" });
    await post(app, "/prepare", { id: 9 });
    expect((await post(app, "/accept", { id: 5, value: "pear" })).status).toBe(409);
  });
});

describe("what is legal at the edges", () => {
  test("id 0 is an id like any other", async () => {
    const { app } = await memoryApp();
    expect((await post(app, "/prepare", { id: 0 })).reply).toEqual({ ignored: false, promisedId: 0 });
    expect((await post(app, "/accept", { id: 0, value: "a" })).reply).toMatchObject({ ignored: false, acceptedId: 0 });
  });

  test("the empty string is a value, and not the same as none", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 0, value: "" });
    expect((await get(app, "/state")).reply).toEqual({ promisedId: 0, acceptedId: 0, acceptedValue: "" });
    expect((await post(app, "/prepare", { id: 1 })).reply).toMatchObject({ acceptedId: 0, acceptedValue: "" });
  });

  test("the last id and the last instance are taken to the digit", async () => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: LAST, value: "end", instance: LAST });
    const pair = { acceptedId: LAST, acceptedValue: "end" };
    expect((await get(app, `/state?instance=${LAST}`)).reply).toEqual({ promisedId: LAST, ...pair });
    expect((await get(app, `/log?from=${LAST}`)).reply).toMatchObject({ entries: [{ instance: LAST, ...pair }] });
  });

  test.each([
    ['"\\ud800 alone"', "half of a surrogate pair"],
    ['"\\u0000\\u001f\\u2028"', "control characters"],
    ['"{\\"__proto__\\":1}"', "text that looks like a dangerous key"],
    ['"😀 naïve"', "characters of several bytes"],
  ])("the value %s (%s) comes back as it was sent, also after a restart", async (text) => {
    const disk = new MemoryDisk();
    const { app } = await memoryApp(disk);
    const headers = { "content-type": "application/json" };
    const sent = await app.inject({ method: "POST", url: "/accept", headers, payload: `{"id":1,"value":${text}}` });
    expect(sent.json().acceptedValue).toBe(JSON.parse(text));
    disk.crash();
    const { app: restarted } = await memoryApp(disk);
    expect((await get(restarted, "/state")).reply).toMatchObject({ acceptedValue: JSON.parse(text) });
  });

  test("media types are compared without case and parameters", async () => {
    const { app } = await memoryApp();
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    const answer = await app.inject({ method: "POST", url: "/prepare", headers, payload: '{"id":1}' });
    expect(answer.statusCode).toBe(200);
  });
});

describe("GET /history", () => {
  test("lists acceptances made by hand, oldest first, each instance for itself", async () => {
    const { app } = await memoryApp();
    for (const id of [1, 4, 9]) await post(app, "/accept", { id, value: `v${id}` });
    await post(app, "/accept", { id: 10, value: "other", instance: 2 });
    expect((await get(app, "/history?instance=1")).reply).toEqual({
      instance: 1,
      history: [1, 4, 9].map((id) => ({ acceptedId: id, acceptedValue: `v${id}` })),
      missingThroughId: -1,
    });
  });

  test("keeps the last hundred and says through which id others may be missing", async () => {
    const { app } = await memoryApp();
    for (let id = 0; id < 103; id++) await post(app, "/accept", { id, value: `v${id}` });
    const { reply } = await get(app, "/history");
    expect(reply).toMatchObject({ missingThroughId: 2 });
    expect((reply as { history: { acceptedId: number }[] }).history.map((each) => each.acceptedId)).toEqual(
      Array.from({ length: 100 }, (_, position) => position + 3),
    );
  });

  test("says that something may be missing where a batch was overwritten", async () => {
    const { app } = await memoryApp();
    await post(app, "/log/accept", { id: 1, entries: [{ instance: 1, value: "batch" }] });
    await post(app, "/accept", { id: 2, value: "hand" });
    const history = [{ acceptedId: 2, acceptedValue: "hand" }];
    expect((await get(app, "/history")).reply).toEqual({ instance: 1, history, missingThroughId: 1 });
  });
});

describe("a truncated instance", () => {
  const writes = [
    { kind: "accepted", id: 3, instance: 2, value: "gone", byHand: true },
    { kind: "accepted", id: 3, instance: 6, value: "kept", byHand: true },
    { kind: "truncated", through: 5 },
  ] as const;

  test("is never told as nothing accepted: prepare and state say truncated", async () => {
    const { app } = await memoryApp(await diskWith(writes));
    const truncated = { promisedId: 3, truncated: true, truncatedThrough: 5 };
    for (const instance of [1, 2, 5]) {
      const prepared = await post(app, "/prepare", { id: 3, instance });
      expect(prepared).toEqual({ status: 200, reply: { ignored: true, ...truncated } });
      expect(await get(app, `/state?instance=${instance}`)).toEqual({ status: 200, reply: truncated });
    }
    expect((await get(app, "/state?instance=6")).reply).toEqual({
      promisedId: 3,
      acceptedId: 3,
      acceptedValue: "kept",
    });
  });

  test("is no reason to promise nothing: the promise is for the whole log", async () => {
    const { app } = await memoryApp(await diskWith(writes));
    const promised = { ignored: false, promisedId: 100, truncated: true, truncatedThrough: 5 };
    expect(await post(app, "/prepare", { id: 100, instance: 1 })).toEqual({ status: 200, reply: promised });
    expect(await get(app, "/state?instance=6")).toMatchObject({ reply: { promisedId: 100 } });
  });

  test("takes no acceptance and has no history: 410, naming what is truncated", async () => {
    const { app } = await memoryApp(await diskWith(writes));
    const batch = [6, 5].map((instance) => ({ instance, value: "again" }));
    const answers = [
      await post(app, "/accept", { id: 100, value: "again", instance: 5 }),
      await get(app, "/history?instance=5"),
      await post(app, "/log/accept", { id: 100, entries: batch }),
    ];
    for (const { status, reply } of answers) {
      expect(status).toBe(410);
      expect(reply).toMatchObject({ code: "truncated", definite: true, detail: expect.stringContaining("up to 5") });
    }
    expect((await get(app, "/log")).reply).toEqual({
      promisedId: 3,
      entries: [{ instance: 6, acceptedId: 3, acceptedValue: "kept" }],
      next: null,
      truncatedThrough: 5,
    });
  });
});
