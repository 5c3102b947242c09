import { describe, expect, test } from "vitest";
import { memoryApp } from "./memory-app.ts";
import { expectProblem } from "./problem.ts";
import { exchange } from "./raw-socket.ts";
import { plainGet, plainPut, shortWayStage } from "./short-way-stage.ts";

const OTHERS = [
  "evil.example",
  "evil.example:5001",
  "localhost.evil.example",
  "127.0.0.1.evil.example:80",
  "0.0.0.0:1",
];
const OWN = ["localhost", "localhost:8000", "LocalHost:1", "127.0.0.1:5001", "127.8.9.1", "[::1]:8000", "[::1]"];

describe("without a secret, for pages whose name leads here by a trick of their site", () => {
  test.each(OTHERS)("whoever calls the server %j is refused, and changes nothing", async (name) => {
    const { app, host } = await memoryApp();
    for (const url of ["/state", "/metrics", "/nope"]) {
      expectProblem(await app.inject({ method: "GET", url, headers: { host: name } }), "not-from-here");
    }
    const prepare = { method: "POST", url: "/prepare", payload: { id: 9 }, headers: { host: name } } as const;
    expectProblem(await app.inject(prepare), "not-from-here");
    expect(await host.summary()).toMatchObject({ promisedId: -1 });
  });

  test.each(OWN)("the server answers as %s", async (name) => {
    const { app } = await memoryApp();
    expect((await app.inject({ method: "GET", url: "/state", headers: { host: name } })).statusCode).toBe(200);
  });

  test("whoever looks whether it lives may call it anything", async () => {
    const { app } = await memoryApp();
    for (const url of ["/livez", "/readyz"]) {
      expect((await app.inject({ method: "GET", url, headers: { host: "evil.example" } })).statusCode).toBe(200);
    }
  });

  test("the short way is closed to them, too", async () => {
    const { address, taken } = await shortWayStage();
    for (const plain of [plainGet("a", "connection: close\r\n"), plainPut("a", "{}", "connection: close\r\n")]) {
      const answer = await exchange(address, plain.replace("localhost", "evil.example:80"));
      expect(answer).toContain("HTTP/1.1 403");
      expect(answer).toContain('"not-from-here"');
    }
    expect(taken()).toBe(0);
  });
});

test("a server with a secret may be called by any name: no such page knows it", async () => {
  const { app } = await memoryApp(undefined, { secret: "s3cret" });
  const headers = { host: "evil.example", authorization: "Bearer s3cret" };
  expect((await app.inject({ method: "GET", url: "/state", headers })).statusCode).toBe(200);
  const { address, taken } = await shortWayStage({ secret: "s3cret" });
  const asked = plainGet("a", "authorization: Bearer s3cret\r\n").replace("localhost", "node1.example");
  const last = plainGet("b", "authorization: Bearer s3cret\r\nconnection: close\r\n");
  expect(await exchange(address, asked + last)).toContain("HTTP/1.1 200");
  expect(taken()).toBeLessThanOrEqual(2);
});
