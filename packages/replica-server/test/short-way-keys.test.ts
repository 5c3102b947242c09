import { ShortWay } from "@synod/acceptor-server";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { saidTo } from "../../acceptor-server/test/raw-socket.ts";
import { ClusterStage } from "./cluster-stage.ts";

/** One cluster for all tests of this file. */
let stage: ClusterStage;
beforeAll(async () => {
  stage = await ClusterStage.forFile();
  for (const key of ["a", "sessions", "__proto__"]) await stage.ask("gateway1", `PUT /kv/${key}`, { value: "1" });
  await stage.ask("gateway1", "PUT /kv/large", { value: "é".repeat(20_000) });
  return () => stage.end();
});

/** What is put, as it is sent; null for a read. */
type Body = string | Buffer | null;
type Case = readonly [request: string, body: Body];

const get = (path: string): Case => [`GET ${path}`, null];
const put = (path: string, value: unknown): Case => [`PUT ${path}`, JSON.stringify({ value })];
const LONGEST_KEY = "k".repeat(1024);

const SHORT: readonly Case[] = [
  get("/kv/a"),
  get("/kv/a?consistency=strong"),
  get("/kv/a?consistency=session"),
  get("/kv/a?consistency=eventual"),
  get("/kv/a?"),
  get("/kv/large?consistency=strong"),
  get("/kv/nobody?consistency=strong"),
  get("/kv/nobody/:of~them?consistency=strong"),
  get("/kv//?consistency=strong"),
  get("/kv/..?consistency=strong"),
  get("/kv/../status?consistency=strong"),
  get("/kv/sessions?consistency=strong"),
  get("/kv/batch?consistency=strong"),
  get("/kv/__proto__?consistency=strong"),
  get(`/kv/${LONGEST_KEY}?consistency=strong`),
  get(`/kv/${LONGEST_KEY}k?consistency=strong`),
  put("/kv/a", "1"),
  put("/kv/a", ""),
  put("/kv/a", "é\u{1f600}"),
  put("/kv/a", "\ud800"),
  put("/kv/sessions", "1"),
  put("/kv/watch", "1"),
  put("/kv/large", "x"),
  put("/kv/__proto__", "1"),
  put(`/kv/${LONGEST_KEY}k`, "1"),
  ["PUT /kv/a", '{"value":"1","value":"2"}'],
];

const BY_THE_APP: readonly Case[] = [
  get("/kv"),
  get("/kv/"),
  get("/KV/a"),
  get("/kv/%61"),
  get("/kv/watch?pattern=a&from=x"),
  get("/kv/a?token=0"),
  get("/kv/a?consistency=perfect"),
  get("/kv/a?consistency_level=strong"),
  get("/kv/a?consistency=strong&consistency=strong"),
  put("/kv/", "1"),
  put("/kv", "1"),
  put("/kv/a", 7),
  put("/kv/a?timeout_ms=1", "1"),
  put("/kv/a", "x".repeat(16_384)),
  put("/kv/a", "x".repeat(65_537)),
  ["PUT /kv/a", '{"value":"1","more":1}'],
  ["PUT /kv/a", '{"value":"1","expectedRevision":1}'],
  ["PUT /kv/a", '{"value":"1","expected":null}'],
  ["PUT /kv/a", '{"value":"1","session":{"client":"c"}}'],
  ["PUT /kv/a", '{"value":"1","timeout_ms":30000}'],
  ["PUT /kv/a", '{"__proto__":{"value":"1"}}'],
  ["PUT /kv/a", '{"value":"1","__proto__":1}'],
  ["PUT /kv/a", "{}"],
  ["PUT /kv/a", "null"],
  ["PUT /kv/a", '["1"]'],
  ["PUT /kv/a", "{"],
  ["PUT /kv/a", ""],
  ["PUT /kv/a", Buffer.from('{"value":"\xe9"}', "latin1")],
];

/** @param more a header: with one that nobody knows no request is plain */
function bytesOf([request, body]: Case, more = ""): Buffer {
  const ofBody =
    body === null ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.concat([
    Buffer.from(`${request} HTTP/1.1\r\nhost: localhost\r\n${ofBody}${more}\r\n`),
    Buffer.from(body ?? ""),
  ]);
}

/** The first answer, in which every number but the status is 0: such as of slots and milliseconds. */
async function answerTo(bytes: Buffer): Promise<string> {
  const said = await saidTo(stage.server("gateway1").address, [bytes]);
  const [, status = "", rest = ""] = /^(HTTP\/1.1 \d+ )(.*)$/s.exec(said) ?? [];
  const end = rest.indexOf("HTTP/1.1 ");
  return status + rest.slice(0, end < 0 ? undefined : end).replace(/\d+(\.\d+)?/g, "0");
}

/** How many requests went the short way since it was called. */
function countShort(): () => number {
  const find = vi.spyOn(ShortWay.prototype, "find");
  onTestFinished(() => find.mockRestore());
  return () => find.mock.results.filter(({ value }) => value !== null).length;
}

describe.each([
  ["the short way", SHORT, 1],
  ["the app", BY_THE_APP, 0],
] as const)("by %s", (_way, cases, isShort) => {
  test.each(cases)("%s is answered as by the app", async (request, body) => {
    const short = countShort();
    const one = [request, body] as const;
    const byApp = bytesOf(one, "x-not-plain: 1\r\n");
    // So that both find the same value.
    await answerTo(byApp);
    expect(short()).toBe(0);
    const said = await answerTo(bytesOf(one));
    expect(short()).toBe(isShort);
    expect(said).toBe(await answerTo(byApp));
    expect(said).toMatch(/^HTTP\/1.1 \d+ [\w ]+\r\nsynod-node: /);
  });
});
