import { expect, test } from "vitest";
import { refusal } from "./fake-cluster.ts";
import { type FakeGateway, fakeGateway } from "./fake-gateway.ts";
import { until } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

/** Watches, and lets the test hear what is printed. */
function watch({ address }: FakeGateway, words: readonly string[], more: Parameters<typeof runCommand>[2] = {}) {
  return runCommand("synod", ["kv", "watch", ...words], { env: { SYNOD_GATEWAY: address }, ...more });
}

const isWatched = ({ watches }: FakeGateway, count = 1) => until(() => watches.length >= count, "a watch");

test("each change is a line, in the order of the revisions; --count ends it", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["user/*", "ready", "--count", "3"]);
  await isWatched(gateway);
  expect(gateway.asked[0]?.path).toBe("/kv/watch?pattern=user%2F*&pattern=ready");
  gateway.change("user/1", "Ada");
  gateway.change("user/1", null);
  gateway.change("ready", "yes");
  const { exitCode, stdout } = await ran;
  expect(exitCode).toBe(0);
  expect(linesOf(stdout)).toEqual([
    'user/1 = "Ada" (revision 1)',
    "user/1 deleted (revision 2)",
    'ready = "yes" (revision 3)',
  ]);
});

test("--json is a document a line, as they come", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["*", "--count", "1", "--json", "--from", "1"]);
  await isWatched(gateway);
  expect(gateway.asked[0]?.path).toBe("/kv/watch?pattern=*&from=1");
  gateway.change("x", "1");
  expect((await ran).stdout).toBe('{"revision":1,"key":"x","value":"1","type":"put"}\n');
});

test("a connection that breaks is made again after the last change, and none is told twice", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["*", "--count", "3"]);
  await isWatched(gateway);
  gateway.change("x", "1");
  gateway.change("x", "2");
  // What was written has to be on its way before the connection goes.
  await until(() => gateway.watches[0]?.writableLength === 0, "the end of a flush");
  gateway.watches[0]?.end();
  await isWatched(gateway, 2);
  const again = gateway.asked[1];
  expect(again?.path).toBe("/kv/watch?pattern=*&from=3");
  expect(again?.headers["last-event-id"]).toBe("2");
  gateway.watches[1]?.write('event: change\nid: 2\ndata: {"revision":2,"key":"x","value":"2","type":"put"}\n\n');
  gateway.watches.shift();
  gateway.change("x", "3");
  const { stdout, stderr } = await ran;
  expect(linesOf(stdout)).toEqual(['x = "1" (revision 1)', 'x = "2" (revision 2)', 'x = "3" (revision 3)']);
  expect(stderr).toContain("connecting again");
});

/** What a gateway writes of several keys that were put in one revision. */
function changesOf(revision: number, ...keys: string[]): string {
  const changes = keys.map((key) => ({ revision, key, value: "1", type: "put" }));
  return `event: changes\nid: ${revision}\ndata: ${JSON.stringify({ revision, changes })}\n\n`;
}

test("changes that share a revision are a line each, and told once, however the connection breaks", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["*", "--count", "4"]);
  await isWatched(gateway);
  // Of the second event, half: it is none.
  gateway.watches[0]?.end(changesOf(7, "x", "y") + changesOf(8, "y", "z").slice(0, -10));
  await isWatched(gateway, 2);
  expect(gateway.asked[1]?.headers["last-event-id"]).toBe("7");
  gateway.watches[1]?.write(changesOf(7, "x", "y") + changesOf(8, "y", "z"));
  const lines = ["x", "y"].map((key) => `${key} = "1" (revision 7)`);
  expect(linesOf((await ran).stdout)).toEqual([...lines, ...["y", "z"].map((key) => `${key} = "1" (revision 8)`)]);
});

test("--count ends it in the middle of a revision, too", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["*", "--count", "2", "--json"]);
  await isWatched(gateway);
  gateway.watches[0]?.write(changesOf(7, "x", "y", "z"));
  const { exitCode, stdout } = await ran;
  expect(exitCode).toBe(0);
  expect(linesOf(stdout)).toEqual(["x", "y"].map((key) => `{"revision":7,"key":"${key}","value":"1","type":"put"}`));
});

test("a connection that breaks before any change is made again from where the stream had started", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["*", "--count", "1"]);
  await isWatched(gateway);
  gateway.watches[0]?.write('event: started\nid: 7\ndata: {"startedAfter":7}\n\n');
  await until(() => gateway.watches[0]?.writableLength === 0, "the end of a flush");
  gateway.watches.shift()?.end();
  await isWatched(gateway);
  expect(gateway.asked[1]?.path).toBe("/kv/watch?pattern=*&from=8");
  expect(gateway.asked[1]?.headers["last-event-id"]).toBe("7");
  gateway.watches[0]?.write('event: change\nid: 8\ndata: {"revision":8,"key":"x","value":"1","type":"put"}\n\n');
  expect(linesOf((await ran).stdout)).toEqual(['x = "1" (revision 8)']);
});

test("changes that are no longer kept are told of, and asked for only once", async () => {
  const gateway = await fakeGateway();
  const ran = watch(gateway, ["*", "--from", "1", "--count", "1"]);
  await isWatched(gateway);
  gateway.watches[0]?.write('event: compacted\nid: 40\ndata: {"compactedThrough":40}\n\n');
  await until(() => gateway.watches[0]?.writableLength === 0, "the end of a flush");
  gateway.watches.shift()?.end();
  await isWatched(gateway);
  expect(gateway.asked[1]?.path).toBe("/kv/watch?pattern=*&from=41");
  gateway.watches[0]?.write('event: change\nid: 41\ndata: {"revision":41,"key":"x","value":"1","type":"put"}\n\n');
  const { stdout, stderr } = await ran;
  expect(stderr).toContain("warning: changes up to revision 40 are no longer kept");
  expect(linesOf(stdout)).toEqual(['x = "1" (revision 41)']);
});

test("Ctrl-C ends it with 130, a reader that has seen enough with 0", async () => {
  const gateway = await fakeGateway();
  for (const [which, expected] of [
    ["interrupted", 130],
    ["outputClosed", 0],
  ] as const) {
    const controller = new AbortController();
    const ran = watch(gateway, ["*"], { [which]: controller.signal });
    await isWatched(gateway, gateway.watches.length + 1);
    controller.abort();
    expect((await ran).exitCode).toBe(expected);
  }
});

test("--for ends it by itself", async () => {
  expect((await watch(await fakeGateway(), ["*", "--for", "50ms"])).exitCode).toBe(0);
});

test("a gateway that is not there is tried for as long as --timeout says: exit 3", async () => {
  const gateway = await fakeGateway();
  await gateway.close();
  const { exitCode, stderr } = await watch(gateway, ["*", "--timeout", "200ms"]);
  expect(exitCode).toBe(3);
  expect(stderr).toContain("nobody listens at");
});

test("a refusal that will not pass ends it, as a usage error where it is about what was typed; one that may is tried again", async () => {
  const gateway = await fakeGateway();
  gateway.instead.push(refusal("bad-request", "this is no pattern"));
  const refused = await watch(gateway, ["["]);
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.stderr).toContain("this is no pattern");
  gateway.instead.push(refusal("wrong-cluster", "another cluster's"));
  expect((await watch(gateway, ["*"])).exitCode).toBe(1);
  gateway.instead.push(refusal("no-learner", "no learner is up"));
  const ran = watch(gateway, ["*", "--count", "1"]);
  await isWatched(gateway);
  gateway.change("x", "1");
  expect((await ran).exitCode).toBe(0);
});
