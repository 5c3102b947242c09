import type { FastifyBaseLogger } from "fastify";
import { expect, test } from "vitest";
import { ClusterStage, until } from "./cluster-stage.ts";

/** A logger that keeps what it is told. */
function keepingLogger() {
  const lines: { level: string; fields: Record<string, unknown>; text: string }[] = [];
  const at =
    (level: string) =>
    (fields: Record<string, unknown>, text = "") => {
      lines.push({ level, fields, text });
    };
  const levels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
  const logger = Object.fromEntries(levels.map((level) => [level, at(level)]));
  const whole = { ...logger, level: "debug", child: () => whole } as unknown as FastifyBaseLogger;
  return { logger: whole, lines };
}

test("a person's prepare at a majority pre-empts the leader, which comes back with a higher id and loses nothing", async () => {
  const stage = await ClusterStage.started();
  await stage.write("a", "1");
  const ask = (acceptor: string) => stage.ask(acceptor, "POST /prepare", { id: 1_000_000 });
  const [first, second] = await Promise.all([ask("acceptor1"), ask("acceptor2")]);
  expect(first?.body).toMatchObject({ ignored: false, promisedId: 1_000_000 });
  // The leader may have come back in between.
  expect(second?.body.promisedId).toBeGreaterThanOrEqual(1_000_000);
  expect((await stage.write("a", "2")).status).toBe(200);
  expect(await stage.value("a")).toBe("2");
  const leader = await stage.leader();
  const { proposal_id } = (await stage.ask(leader, "GET /status")).body;
  expect(proposal_id).toBeGreaterThan(1_000_000);
  expect(proposal_id % 16).not.toBe(0);
});

test("a value by hand in the slot of a leader that is stopped is found by the next one, and counted by the learners", async () => {
  const { logger, lines } = keepingLogger();
  const stage = await ClusterStage.started({ logger });
  await stage.write("a", "1");
  await stage.stop("proposer1", "proposer2");
  const { lastSlot } = (await stage.ask("acceptor1", "GET /status")).body;
  const by = { id: 1_000_000, instance: lastSlot + 1 };
  for (const acceptor of ["acceptor1", "acceptor2", "acceptor3"]) {
    expect((await stage.ask(acceptor, "POST /prepare", by)).body.ignored).toBe(false);
    expect((await stage.ask(acceptor, "POST /accept", { ...by, value: "x".repeat(300) })).body.ignored).toBe(false);
  }
  await stage.start("proposer1", "proposer2");
  expect((await stage.write("a", "2")).status).toBe(200);
  await until("both learners applied it", async () => {
    const statuses = await Promise.all(["learner1", "learner2"].map((name) => stage.ask(name, "GET /status")));
    return statuses.every(({ body }) => body.not_commands === 1);
  });
  expect(lines.filter(({ text }) => text.includes("no command")).map(({ level, fields }) => [level, fields])).toEqual([
    ["warn", { slot: lastSlot + 1, value: "x".repeat(200) }],
    ["warn", { slot: lastSlot + 1, value: "x".repeat(200) }],
  ]);
});

test("where chaos is off nobody plays a leader: what a person says to be decided is not applied", async () => {
  const stage = await ClusterStage.started({ chaos: false });
  expect((await stage.write("a", "1")).status).toBe(200);
  const decided = { from: 1, values: ["forged"], decidedThrough: 2 ** 53 - 1 };
  for (const [role, path, message] of [
    ["learner1", "learn", { type: "learn", leader: "me", id: 2 ** 53 - 1, number: 1, ...decided }],
    ["proposer2", "heartbeat", { type: "heartbeat", leader: "me", id: 2 ** 53 - 1, settledThrough: 2 ** 53 - 1 }],
  ] as const) {
    const { status, body } = await stage.ask(role, `POST /${path}`, message);
    expect([status, body.code]).toEqual([403, "by-hand-off"]);
  }
  expect((await stage.ask("learner1", "GET /status")).body).toMatchObject({ contradictions: 0, lag: 0 });
  await stage.stop("proposer1");
  expect((await stage.write("a", "2")).status).toBe(200);
});
