import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildNodeApp, NodeMetrics } from "@synod/acceptor-server";
import { expect, onTestFinished, test } from "vitest";
import { readPage } from "../src/page/page-files.ts";
import { addPageRoutes } from "../src/page/page-routes.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SCRIPT = `console.log(${JSON.stringify("tea ".repeat(100))});`;

/** A page as `scripts/build-page.mjs` leaves it. */
function builtPage(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Synod</title>");
  writeFileSync(join(folder, "assets", "main-1a2b.js"), SCRIPT);
  writeFileSync(join(folder, "assets", "main-1a2b.js.gz"), gzipSync(SCRIPT));
  writeFileSync(join(folder, "secret.json"), "{}");
  return folder;
}

async function appWith(files: ReturnType<typeof readPage>, secret?: string) {
  const app = await buildNodeApp({
    title: "test",
    identity: { name: "synod-node", value: "gateway1 c" },
    health: { role: "gateway", name: "gateway1", node: "gateway", cluster: "c" },
    metrics: new NodeMetrics(),
    notReady: () => [],
    secret,
  });
  onTestFinished(() => app.close());
  addPageRoutes(app, files);
  return app;
}

test("a file whose name changes with its content is kept for ever, and index.html is asked after each time", async () => {
  const app = await appWith(readPage(builtPage()));
  const page = await app.inject("/");
  expect(page.statusCode).toBe(200);
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(page.headers["cache-control"]).toBe("no-cache");
  expect(page.body).toContain("<title>Synod</title>");
  const script = await app.inject("/assets/main-1a2b.js");
  expect(script.headers["content-type"]).toBe("text/javascript; charset=utf-8");
  expect(script.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(script.body).toBe(SCRIPT);
});

test("who has the page already is told so, without its bytes", async () => {
  const app = await appWith(readPage(builtPage()));
  const { etag } = (await app.inject("/")).headers;
  for (const tags of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
    const again = await app.inject({ url: "/", headers: { "if-none-match": String(tags) } });
    expect([again.statusCode, again.body, again.headers.etag], tags).toEqual([304, "", etag]);
    expect(again.headers["cache-control"]).toBe("no-cache");
  }
  const other = await app.inject({ url: "/", headers: { "if-none-match": '"other"' } });
  expect(other.statusCode).toBe(200);
});

test("a file goes compressed to those who take that, each form with a tag of its own", async () => {
  const app = await appWith(readPage(builtPage()));
  const get = (accepted: string) =>
    app.inject({ url: "/assets/main-1a2b.js", headers: { "accept-encoding": accepted } });
  const plain = await get("identity");
  for (const accepted of ["gzip", "br;q=1, gzip;q=0.8", "deflate,GZIP"]) {
    const { headers, rawPayload } = await get(accepted);
    expect([accepted, headers["content-encoding"], headers.vary]).toEqual([accepted, "gzip", "accept-encoding"]);
    expect(rawPayload.length).toBeLessThan(SCRIPT.length);
    expect(headers.etag).not.toBe(plain.headers.etag);
  }
  for (const accepted of ["br", "gzip;q=0", "", "*"]) {
    const { headers, body } = await get(accepted);
    expect([accepted, headers["content-encoding"], body]).toEqual([accepted, undefined, SCRIPT]);
  }
});

test("a browser is told to run and load nothing but what the page brings along", async () => {
  const app = await appWith(readPage(builtPage()));
  for (const url of ["/", "/assets/main-1a2b.js"]) {
    const { headers } = await app.inject(url);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
  }
});

test("nothing is handed out but the page: no other file, and no way out of its folder", async () => {
  const app = await appWith(readPage(builtPage()));
  for (const url of [
    "/nonsense",
    "/index.html",
    "/secret.json",
    "/assets/",
    "/assets/none.js",
    "/assets/..%2fsecret.json",
  ]) {
    const answer = await app.inject(url);
    expect([url, answer.statusCode, answer.json().code]).toEqual([url, 404, "not-found"]);
  }
  expect((await app.inject({ url: "/", method: "POST" })).statusCode).toBe(405);
});

test("a page that is not built says so, and how to build it", async () => {
  const app = await appWith(readPage(temporaryFolder()));
  const answer = await app.inject("/");
  expect([answer.statusCode, answer.json().code]).toEqual([404, "not-found"]);
  expect(answer.json().detail).toContain("npm run build");
});

test("the page comes without the secret that everything else asks for: it is what asks for it", async () => {
  const app = await appWith(readPage(builtPage()), "tea");
  expect((await app.inject("/")).statusCode).toBe(200);
  expect((await app.inject("/assets/main-1a2b.js")).statusCode).toBe(200);
  expect((await app.inject("/health")).statusCode).toBe(401);
});
