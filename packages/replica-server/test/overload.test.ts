import { expect, test } from "vitest";
import { ClusterStage } from "./cluster-stage.ts";

test("a gateway that has as much under way as it takes says so, and when to come again", async () => {
  const stage = await ClusterStage.started({ tuning: { client: { limits: { requests: 2 } } } });
  await stage.write("a", "0");
  const answers = await Promise.all(Array.from({ length: 30 }, (_, number) => stage.write("a", String(number))));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(30);
  for (const { status, headers, body } of refused) {
    expect([status, body.code, body.definite]).toEqual([503, "overloaded", true]);
    expect(headers.get("retry-after")).toBe("1");
  }
});

test("a gateway lets in as many as it may, and has the others wait their turn: a burst is answered as a whole", async () => {
  const stage = await ClusterStage.started({ tuning: { admission: { least: 2, most: 2, patienceMs: 30_000 } } });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, number) => stage.write("a", String(number))));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const metrics = await (await fetch(stage.url("gateway1", "/metrics"))).text();
  expect(metrics).toContain("synod_requests_allowed 2\n");
  expect(metrics).toContain("synod_requests_in_line 0\n");
});

test("a gateway that would have one wait too long refuses it, and says when to come again", async () => {
  const stage = await ClusterStage.started({ tuning: { admission: { least: 1, most: 1, patienceMs: 1 } } });
  const answers = await Promise.all(Array.from({ length: 60 }, (_, number) => stage.write("a", String(number))));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, headers, body } of refused) {
    expect([status, body.code, body.definite, headers.get("retry-after")]).toEqual([503, "overloaded", true, "1"]);
  }
  // Those that were refused certainly had no effect: the value is one of those that were answered with 200.
  const written = answers.flatMap(({ status, body }) => (status === 200 ? [body.value] : []));
  expect(written).toContain(await stage.value("a"));
});

test("a server with too many requests under way refuses those that come then", async () => {
  const stage = await ClusterStage.started({ tuning: { host: { requests: 1 } } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => stage.read("a", "eventual", "learner1")));
  const codes = new Set(answers.map(({ status, body }) => (status === 200 ? "read" : body.code)));
  expect([...codes].every((code) => ["read", "overloaded", "no-learner"].includes(code))).toBe(true);
});
