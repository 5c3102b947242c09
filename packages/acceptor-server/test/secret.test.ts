import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CannotStart } from "../src/node/listening.ts";
import { startAcceptor } from "../src/server.ts";
import { memoryApp, post } from "./memory-app.ts";
import { expectProblem } from "./problem.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SECRET = "correct-horse";
const CLOSED: [method: "GET" | "HEAD" | "POST" | "PUT", url: string, payload?: object][] = [
  ["POST", "/prepare", { id: 9 }],
  ["POST", "/accept", { id: 9, value: "v" }],
  ["POST", "/log/prepare", { id: 9, from: 1 }],
  ["POST", "/log/accept", { id: 9, entries: [] }],
  ["GET", "/state"],
  ["HEAD", "/state"],
  ["GET", "/history"],
  ["GET", "/log"],
  ["GET", "/pool/state"],
  ["GET", "/metrics"],
  ["GET", "/openapi.json"],
  ["GET", "/nope"],
  ["PUT", "/state"],
];

describe("where a secret is set", () => {
  test.each(CLOSED)(
    "%s %s is refused without it and with a wrong one, and changes nothing",
    async (method, url, payload) => {
      const { app, host } = await memoryApp(undefined, { secret: SECRET });
      const wrong = [
        "",
        "Bearer",
        "Bearer ",
        `Bearer ${SECRET}x`,
        `Bearer ${SECRET.slice(1)}`,
        `Basic ${SECRET}`,
        SECRET,
      ];
      for (const authorization of [undefined, ...wrong]) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
        expect(answer.statusCode).toBe(401);
        if (method !== "HEAD") expectProblem(answer, "unauthorized");
        expect(answer.payload).not.toContain(SECRET);
      }
      const state = await host.ask({ type: "read-state", instance: 1 });
      expect(state).toMatchObject({ promisedId: -1, accepted: null });
    },
  );

  test.each(CLOSED)("%s %s is answered with it", async (method, url, payload) => {
    const { app } = await memoryApp(undefined, { secret: SECRET });
    const headers = { authorization: `Bearer ${SECRET}` };
    const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    expect(answer.statusCode).not.toBe(401);
  });

  test("/livez and /readyz stay open, for those who only look whether anything is there", async () => {
    const { app } = await memoryApp(undefined, { secret: SECRET });
    for (const url of ["/livez", "/readyz", "/livez?x=1"]) {
      expect((await app.inject(url)).statusCode, url).not.toBe(401);
    }
  });
});

test("without a secret nothing is asked for", async () => {
  const { app } = await memoryApp();
  expect((await post(app, "/prepare", { id: 1 })).status).toBe(200);
  for (const url of ["/state", "/metrics", "/openapi.json"]) expect((await app.inject(url)).statusCode, url).toBe(200);
});

describe("an address that other machines reach", () => {
  test.each(["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org"])(
    "%j needs a secret, and the refusal leaves no trace",
    async (listen) => {
      const home = temporaryFolder();
      const options = { serverId: 1, serverCount: 1, addresses: [{ host: "127.0.0.1", port: 0 }], home, listen };
      await expect(startAcceptor(options)).rejects.toThrow(CannotStart);
      await expect(startAcceptor(options)).rejects.toThrow(/--secret-file FILE, or SYNOD_SECRET/);
      expect(readdirSync(home)).toEqual([]);
    },
  );

  test("is judged by the address of the pool's list where no other is named", async () => {
    const addresses = [{ host: "0.0.0.0", port: 0 }];
    const home = temporaryFolder();
    await expect(startAcceptor({ serverId: 1, serverCount: 1, addresses, home })).rejects.toThrow(CannotStart);
  });

  test("is listened on with a secret, which is then asked for", async () => {
    const addresses = [{ host: "127.0.0.1", port: 0 }];
    const home = temporaryFolder();
    const options = { serverId: 1, serverCount: 1, addresses, home, listen: "0.0.0.0", secret: SECRET };
    const server = await startAcceptor(options);
    try {
      const url = `http://127.0.0.1:${server.address.port}/state`;
      const answers = await Promise.all([fetch(url), fetch(url, { headers: { authorization: `Bearer ${SECRET}` } })]);
      expect(answers.map((answer) => answer.status)).toEqual([401, 200]);
    } finally {
      await server.close();
    }
  });
});
