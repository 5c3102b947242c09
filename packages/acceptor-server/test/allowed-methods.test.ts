import { expect, test } from "vitest";
import { nodeStage } from "./node-stage.ts";

async function storeApp() {
  const { app } = await nodeStage();
  const handler = async () => "ok";
  app.route({ method: ["GET", "PUT", "DELETE"], url: "/kv/*", handler });
  app.route({ method: "GET", url: "/kv/watch", exposeHeadRoute: false, handler });
  app.route({ method: "POST", url: "/nodes/:node/fail", handler });
  return app;
}

test.each([
  ["PATCH", "/kv/x", "GET, HEAD, PUT, DELETE"],
  ["PATCH", "/kv/a/b%2Fc?token=1", "GET, HEAD, PUT, DELETE"],
  ["POST", "/kv/watch", "GET, HEAD, PUT, DELETE"],
  ["DELETE", "/health", "GET, HEAD"],
  ["GET", "/nodes/node1/fail", "POST"],
] as const)(
  "%s %s is a method that its route does not take, and the answer says which it takes",
  async (method, url, allowed) => {
    const answer = await (await storeApp()).inject({ method, url });
    expect(answer.json()).toMatchObject({ status: 405, code: "method-not-allowed" });
    expect(String(answer.headers["allow"]).split(", ").sort()).toEqual(allowed.split(", ").sort());
  },
);

test.each(["/kv", "/kvx", "/nodes//fail", "/nodes/node1/fail/now", "/nodes/node1"])(
  "PATCH %s is no route: no method would do",
  async (url) => {
    const answer = await (await storeApp()).inject({ method: "PATCH", url });
    expect(answer.json()).toMatchObject({ status: 404, code: "not-found" });
    expect(answer.headers["allow"]).toBeUndefined();
  },
);

test("a path whose bytes are no text is told so, also where each % has its two digits", async () => {
  for (const url of ["/kv/%ff", "/kv/%zz"]) {
    const answer = await (await storeApp()).inject({ method: "GET", url });
    const detail = `${url} is not a valid path: a % stands before two hexadecimal digits, and the bytes that are written so are UTF-8`;
    expect(answer.json()).toMatchObject({ status: 400, code: "bad-request", detail });
  }
});

test("so is a query: taken as it is written, it would ask for something else", async () => {
  for (const query of ["?prefix=%ff", "?prefix=%c3&after=%a9", "?prefix=%", "?%zz=a"]) {
    const answer = await (await storeApp()).inject({ method: "GET", url: `/kv/a${query}` });
    const detail = `${query} is not a valid query: a % stands before two hexadecimal digits, and the bytes that are written so are UTF-8`;
    expect(answer.json()).toMatchObject({ status: 400, code: "bad-request", detail });
  }
  const answer = await (await storeApp()).inject({ method: "GET", url: "/kv/a?prefix=%c3%a9%25" });
  expect(answer.statusCode).toBe(200);
});
