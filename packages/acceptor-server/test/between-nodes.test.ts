import type { Address } from "@synod/api";
import { describe, expect, test } from "vitest";
import { listening } from "./memory-app.ts";
import { FROM_B, isPending, nodeStage } from "./node-stage.ts";

const FROM_C = { ...FROM_B, "synod-from": "c" };

/** The body of an answer, of whatever form. */
async function bodyOf(answer: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await answer).json()) as Record<string, unknown>;
}

function ask({ host, port }: Address, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://${host}:${port}${path}`, init);
}

describe("while the node is paused", () => {
  test("everybody waits, and is answered once it goes on", async () => {
    const { app, faults } = await nodeStage();
    const address = await listening(app);
    await faults.add("pause a");
    const waiting = [ask(address, "/hello"), ask(address, "/hello", { headers: FROM_B }), ask(address, "/nope")];
    expect(await isPending(Promise.race(waiting))).toBe(true);
    faults.heal();
    expect(await Promise.all(waiting.map(async (answer) => (await answer).status))).toEqual([200, 200, 404]);
  });

  test("an answer that was being worked out waits, too", async () => {
    const { app, faults } = await nodeStage();
    let answer = () => {};
    let begun = () => {};
    const isAsked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    app.get("/slow", async () => {
      begun();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return "done";
    });
    const address = await listening(app);
    const asked = ask(address, "/slow");
    await isAsked;
    await faults.add("pause a");
    answer();
    expect(await isPending(asked)).toBe(true);
    faults.heal();
    expect(await (await asked).text()).toBe("done");
  });

  test("it says that it lives, and can be mended", async () => {
    const { app, faults } = await nodeStage();
    const address = await listening(app);
    await faults.add("pause a");
    expect((await ask(address, "/livez")).status).toBe(200);
    expect((await bodyOf(ask(address, "/faults")))["faults"]).toHaveLength(1);
    expect(await bodyOf(ask(address, "/faults", { method: "DELETE" }))).toEqual({ healed: [1] });
    expect((await ask(address, "/hello")).status).toBe(200);
  });

  test("it can be stopped: what waits is refused, and had no effect", async () => {
    const { app, faults } = await nodeStage();
    let calls = 0;
    app.post("/count", async () => ++calls);
    const address = await listening(app);
    await faults.add("pause a");
    const arrived = new Promise((resolve) => app.server.once("request", resolve));
    const waiting = ask(address, "/count", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    await arrived;
    expect(await isPending(waiting)).toBe(true);
    await app.close();
    expect(await bodyOf(waiting)).toMatchObject({ code: "stopping" });
    expect(calls).toBe(0);
  });
});

describe("the answer to another node", () => {
  test.each(["cut a>b", "drop 100% a>b"])(
    "%s: is lost with its connection, although the request was heard; no other's is",
    async (fault) => {
      const { app, faults } = await nodeStage();
      let calls = 0;
      app.get("/count", async () => ({ calls: ++calls }));
      const address = await listening(app);
      await faults.add(fault);
      await expect(ask(address, "/count", { headers: FROM_B })).rejects.toThrow("fetch failed");
      expect(calls).toBe(1);
      for (const headers of [FROM_C, {}]) expect((await ask(address, "/count", { headers })).status).toBe(200);
      faults.heal();
      expect(await bodyOf(ask(address, "/count", { headers: FROM_B }))).toEqual({ calls: 4 });
    },
  );

  test("a refusal is an answer, and lost like any other", async () => {
    const { app, faults } = await nodeStage();
    const address = await listening(app);
    await faults.add("cut a>b");
    await expect(ask(address, "/nope", { headers: FROM_B })).rejects.toThrow("fetch failed");
  });

  test("takes as long as the link does", async () => {
    const { app, faults } = await nodeStage();
    const address = await listening(app);
    await faults.add("delay a>b by 80ms");
    const begin = performance.now();
    expect((await ask(address, "/hello", { headers: FROM_B })).status).toBe(200);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(78);
  });

  test("is lost if the link is cut while it is on its way", async () => {
    const { app, faults } = await nodeStage();
    const address = await listening(app);
    await faults.add("delay a>b by 60ms");
    const asked = ask(address, "/hello", { headers: FROM_B });
    const lost = expect(asked).rejects.toThrow("fetch failed");
    await faults.add("cut a>b");
    await lost;
  });

  test("that is delayed keeps no server from stopping", async () => {
    const { app, faults } = await nodeStage();
    const address = await listening(app);
    await faults.add("delay a>b by 1m");
    const asked = ask(address, "/hello", { headers: FROM_B });
    expect(await isPending(asked)).toBe(true);
    await app.close();
    expect((await asked).status).toBe(200);
  });
});

describe("while the link from another node is cut here", () => {
  test("its requests are not taken, so that nothing comes of them; others' and people's are, and what mends nodes", async () => {
    const { app, faults } = await nodeStage();
    let calls = 0;
    app.post("/count", async () => ++calls);
    const address = await listening(app);
    await faults.add("cut b>a");
    const count = (headers: Record<string, string>) =>
      ask(address, "/count", {
        method: "POST",
        body: "{}",
        headers: { ...headers, "content-type": "application/json" },
      });
    await expect(count(FROM_B)).rejects.toThrow();
    expect(calls).toBe(0);
    expect((await count(FROM_C)).status).toBe(200);
    expect((await count({})).status).toBe(200);
    expect((await ask(address, "/faults", { method: "DELETE", headers: FROM_B })).status).toBe(200);
    expect((await count(FROM_B)).status).toBe(200);
    expect(calls).toBe(3);
  });
});
