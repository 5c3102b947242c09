import { beforeAll, describe, expect, test } from "vitest";
import { ChangeReader } from "./change-reader.ts";
import { ClusterStage, until } from "./cluster-stage.ts";

/** For the tests that leave its nodes alone: each has keys of its own. */
let stage: ClusterStage;
beforeAll(async () => {
  stage = await ClusterStage.forFile();
  return () => stage.end();
});

async function subscribe(stage: ClusterStage, patterns: string[], at = "gateway1") {
  const { status, body } = await stage.ask(at, "POST /subscribe", { patterns });
  expect(status).toBe(200);
  return body as { subscription_id: string; events: string };
}

function reader(stage: ClusterStage, at: string, path: string, lastEventId?: string) {
  return ChangeReader.open(stage.url(at, path), lastEventId);
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, place) => from + place);

describe("a subscription", () => {
  test("tells at the gateway what changes from then on, in keys of its patterns, with the revision as id", async () => {
    await stage.write("notify/before", "0");
    const { events } = await subscribe(stage, ["notify*", "user/?/name"]);
    const { body: written } = await stage.write("notifyTest", "1");
    await stage.write("other", "2");
    await stage.write("user/7/name", "3");
    await stage.ask("gateway1", "DELETE /kv/notifyTest");
    const changes = await reader(stage, "gateway1", events);
    await until("all is told", () => changes.events.length === 3);
    expect(changes.events[0]).toEqual({
      event: "change",
      id: String(written.revision),
      data: { revision: written.revision, key: "notifyTest", value: "1", type: "put" },
    });
    expect(changes.events.map(({ data }) => [data["key"], data["type"], data["value"]])).toEqual([
      ["notifyTest", "put", "1"],
      ["user/7/name", "put", "3"],
      ["notifyTest", "delete", null],
    ]);
    changes.close();
  });

  test("is resumed at any learner, and nothing is lost or doubled", async () => {
    const { events } = await subscribe(stage, ["resumed"], "learner1");
    const at1 = await reader(stage, "learner1", events);
    for (const number of numbers(0, 5)) await stage.write("resumed", String(number));
    await until("all is told", () => at1.events.length === 5);
    at1.close();
    for (const number of numbers(5, 10)) await stage.write("resumed", String(number));
    const at2 = await reader(stage, "learner2", events, at1.lastId);
    await until("the rest is told", () => at2.events.length === 5);
    expect([...at1.values, ...at2.values]).toEqual(numbers(0, 10).map(String));
    at2.close();
  });

  test("goes on at the gateway when the learner behind it stops and starts again", async () => {
    const own = await ClusterStage.started({ tuning: { heartbeatMs: 200 } });
    const { events } = await subscribe(own, ["*"]);
    const changes = await reader(own, "gateway1", events);
    let next = 0;
    for (const learner of ["learner1", "learner2"]) {
      for (const _ of numbers(0, 5)) await own.write("a", String(next++));
      await own.stop(learner);
      for (const _ of numbers(0, 5)) await own.write("a", String(next++));
      await own.start(learner);
      for (const _ of numbers(0, 5)) await own.write("a", String(next++));
      // So that there is always one that knows everything.
      await until("it has caught up", async () => (await own.value("a", "eventual", learner)) === String(next - 1));
    }
    await until("all is told", () => changes.events.length >= next);
    expect(changes.values).toEqual(numbers(0, next).map(String));
    changes.close();
  });

  test("ends at the gateway and at all learners when somebody unsubscribes anywhere", async () => {
    const { subscription_id, events } = await subscribe(stage, ["*"]);
    const streams = [await reader(stage, "gateway1", events), await reader(stage, "learner2", events)];
    const { body } = await stage.ask("learner1", "POST /unsubscribe", { subscription_id });
    expect(body).toEqual({ success: true });
    await Promise.all(streams.map((stream) => stream.ended));
    for (const server of ["gateway1", "learner1", "learner2"]) {
      expect((await stage.ask(server, `GET ${events}`)).body.code).toBe("unknown-subscription");
      const again = await stage.ask(server, "POST /unsubscribe", { subscription_id });
      expect(again.body.code).toBe("unknown-subscription");
    }
  });

  test("has one name: what only reads like it is unknown, and does not outlive it", async () => {
    const { subscription_id: id } = await subscribe(stage, ["*"]);
    for (const end of ["\n", " ", "=", "?x", "/"]) {
      for (const server of ["gateway1", "learner1"]) {
        const { body } = await stage.ask(server, `GET /subscriptions/${id}${encodeURIComponent(end)}/events`);
        expect(body.code).toBe("unknown-subscription");
      }
      const ended = await stage.ask("gateway1", "POST /unsubscribe", { subscription_id: id + end });
      expect(ended.body.code).toBe("unknown-subscription");
    }
  });

  test("says through which revision changes are gone, and goes on after it", async () => {
    const own = await ClusterStage.started({ tuning: { changes: { changes: 3 } } });
    const { events } = await subscribe(own, ["*"]);
    const revisions: number[] = [];
    for (const number of numbers(0, 6)) revisions.push((await own.write("a", String(number))).body.revision);
    for (const learner of ["learner1", "learner2"]) {
      await until(`${learner} has all`, async () => (await own.value("a", "eventual", learner)) === "5");
    }
    for (const server of ["learner1", "gateway1"]) {
      const changes = await reader(own, server, events);
      await until("all is told", () => changes.events.length === 4);
      expect(changes.events[0]).toEqual({
        event: "compacted",
        id: String(revisions[2]),
        data: { compactedThrough: revisions[2] },
      });
      expect(changes.values.slice(1)).toEqual(["3", "4", "5"]);
      changes.close();
    }
  });

  test("that nobody made is unknown, and patterns that are none are refused", async () => {
    for (const path of ["GET /subscriptions/AAAA/events", "GET /subscriptions/W10/events"]) {
      expect((await stage.ask("learner1", path)).body.code).toBe("unknown-subscription");
    }
    for (const patterns of [
      [],
      ["a\\"],
      [""],
      ["x".repeat(1000), ..."abcdef".split("").map((one) => one.repeat(1000))],
    ]) {
      const { status, body } = await stage.ask("gateway1", "POST /subscribe", { patterns });
      expect([status, body.code]).toEqual([400, "bad-request"]);
    }
    expect((await stage.ask("gateway1", "POST /subscribe", {})).status).toBe(400);
    const odd = await stage.ask("learner1", `GET ${(await subscribe(stage, ["*"])).events}`, undefined, {
      "last-event-id": "yesterday",
    });
    expect(odd.status).toBe(400);
  });
});

test("/kv/watch tells changes from a revision on, at gateway and learner", async () => {
  const { body: first } = await stage.write("a/1", "1");
  await stage.write("b/1", "2");
  await stage.write("a/2", "3");
  for (const server of ["gateway1", "learner1"]) {
    const changes = await reader(stage, server, `/kv/watch?pattern=a/*&pattern=c*&from=${first.revision}`);
    await until("all is told", () => changes.events.length === 2);
    expect(changes.values).toEqual(["1", "3"]);
    changes.close();
    const resumed = await reader(stage, server, "/kv/watch?pattern=a/*", changes.events[0]?.id);
    await until("the rest is told", () => resumed.events.length === 1);
    expect(resumed.values).toEqual(["3"]);
    resumed.close();
  }
});

test("a stream names at once the revision that it begins after, so that a reader who lost it before any change misses none", async () => {
  let written = (await stage.write("a", "0")).body.revision;
  for (const server of ["gateway1", "learner1"]) {
    for (const route of ["watch", "subscription"]) {
      const isLast = async () => (await stage.read("a", "eventual", server)).body.revision === written;
      await until("it is up to date", isLast);
      const path = route === "watch" ? "/kv/watch?pattern=a" : (await subscribe(stage, ["a"], server)).events;
      const changes = await reader(stage, server, path);
      await until("it has started", () => changes.startedAfter !== null);
      changes.close();
      await changes.ended;
      expect(Number(changes.startedAfter)).toBeGreaterThanOrEqual(written);
      expect(changes.events).toEqual([]);
      written = (await stage.write("a", "missed")).body.revision;
      const resumed = await reader(stage, "gateway1", "/kv/watch?pattern=a", changes.startedAfter ?? "");
      await until("what was missed is told", () => resumed.lastId === String(written));
      resumed.close();
    }
  }
});
