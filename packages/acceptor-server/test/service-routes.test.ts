import { IDENTITY_HEADER } from "@synod/api";
import { describe, expect, test } from "vitest";
import { memoryApp, post } from "./memory-app.ts";

const ROUTES = {
  "/prepare": ["post"],
  "/accept": ["post"],
  "/state": ["get"],
  "/history": ["get"],
  "/pool/state": ["get"],
  "/log/prepare": ["post"],
  "/log/accept": ["post"],
  "/log/truncate": ["post"],
  "/log": ["get"],
  "/livez": ["get"],
  "/readyz": ["get"],
  "/health": ["get"],
  "/metrics": ["get"],
  "/openapi.json": ["get"],
};

test.each([
  ["GET", "/state", 200],
  ["POST", "/prepare", 400],
  ["GET", "/nope", 404],
  ["PUT", "/state", 405],
  ["GET", "/%zz", 400],
  ["GET", "/livez", 200],
] as const)("%s %s says whose answer it is, so that no acceptor is counted as two", async (method, url, status) => {
  const { app } = await memoryApp();
  const answer = await app.inject({ method, url });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers[IDENTITY_HEADER]).toBe("2/3 test-pool");
});

test("a HEAD has the headers of the GET and no body", async () => {
  const { app } = await memoryApp();
  const [head, get] = await Promise.all([
    app.inject({ method: "HEAD", url: "/state" }),
    app.inject({ method: "GET", url: "/state" }),
  ]);
  expect(head.payload).toBe("");
  expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
});

describe("GET /livez and /readyz", () => {
  test("say that the process lives, and that requests are answered", async () => {
    const { app } = await memoryApp();
    const [live, ready] = await Promise.all([app.inject("/livez"), app.inject("/readyz")]);
    expect([live.statusCode, live.json()]).toEqual([200, { status: "ok", pid: process.pid }]);
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: "ready", reasons: [] }]);
  });
});

describe("GET /metrics", () => {
  test("counts requests by route and status, and refusals by code", async () => {
    const { app } = await memoryApp();
    await post(app, "/prepare", { id: 1 });
    await post(app, "/prepare", { id: 1 });
    await post(app, "/prepare", { id: -1 });
    await app.inject("/nope");
    const answer = await app.inject("/metrics");
    expect(answer.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = answer.payload.split("\n");
    for (const line of [
      'synod_requests_total{route="/prepare",status="200"} 2',
      'synod_requests_total{route="/prepare",status="400"} 1',
      'synod_requests_total{route="none",status="404"} 1',
      'synod_problems_total{code="bad-request"} 1',
      'synod_problems_total{code="not-found"} 1',
      "synod_requests_under_way 0",
    ]) {
      expect(lines).toContain(line);
    }
  });

  test("takes no label from a request, whose sender could fill the memory with them", async () => {
    const { app } = await memoryApp();
    for (let number = 0; number < 50; number++) await app.inject(`/nope-${number}`);
    expect((await app.inject("/metrics")).payload).not.toContain("nope");
  });
});

describe("GET /openapi.json", () => {
  test("lists every route with its method and nothing else, in OpenAPI 3.1", async () => {
    const { app } = await memoryApp();
    const document = (await app.inject("/openapi.json")).json();
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toEqual({ title: expect.any(String), version: expect.any(String) });
    const listed = Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item as object)]);
    expect(Object.fromEntries(listed)).toEqual(ROUTES);
  });

  test("describes each operation, its answers, and the body of each POST", async () => {
    const { app } = await memoryApp();
    const { paths } = (await app.inject("/openapi.json")).json();
    for (const [path, [method = ""]] of Object.entries(ROUTES)) {
      const operation = paths[path][method];
      expect(operation.summary, path).toMatch(/\S/);
      expect(operation.responses["200"].description, path).toEqual(expect.any(String));
      if (method !== "post") continue;
      const body = operation.requestBody.content["application/json"].schema;
      expect(body, path).toMatchObject({ type: "object", additionalProperties: false });
      expect(body.required, path).toContain(path === "/log/truncate" ? "through" : "id");
    }
    for (const path of ["/state", "/history", "/pool/state", "/log"]) {
      for (const parameter of paths[path].get.parameters) {
        expect(parameter).toMatchObject({ in: "query", required: false, schema: { type: "string" } });
      }
    }
  });
});
