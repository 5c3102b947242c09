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

test("a server with too many requests under way refuses those that come then", async () => {
  const stage = await ClusterStage.started({ tuning: { host: { requests: 1 } } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => stage.read("a", "eventual", "learner1")));
  const codes = new Set(answers.map(({ status, body }) => (status === 200 ? "read" : body.code)));
  expect([...codes].every((code) => ["read", "overloaded", "no-learner"].includes(code))).toBe(true);
});
