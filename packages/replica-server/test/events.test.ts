import { expect, test } from "vitest";
import { ChangeReader } from "./change-reader.ts";
import { ClusterStage, COMPACT, until } from "./cluster-stage.ts";

test("a gateway tells every message of the cluster, each once, with who sent what to whom", async () => {
  const stage = await ClusterStage.started();
  const events = await ChangeReader.open(stage.url("gateway1", "/events"));
  await until("all feeds are read", () => {
    const from = new Set(events.events.map(({ data }) => data["from"]));
    return ["acceptor1", "acceptor2", "acceptor3", "learner1", "learner2", "proposer1"].every((name) => from.has(name));
  });
  const { body: written } = await stage.write("a", "1");
  const of = (type: string) =>
    events.events.flatMap(({ data }) => {
      const { slots } = data as { slots?: [number, number] };
      return data["type"] === type && slots?.[0] === written.slot ? [data] : [];
    });
  const leader = await stage.leader();
  await until(
    "the write is told",
    () => of("accepted-log").length >= 3 && of("learn").length >= 2 && of("learned").length >= 2,
  );
  expect(
    of("accept-log").map(({ from, to, id, slots, count, reply }) => ({ from, to, id, slots, count, reply })),
  ).toEqual(
    ["acceptor1", "acceptor2", "acceptor3"].map((to) => ({
      ...{ from: leader, to, id: expect.any(Number), slots: [written.slot, written.slot], count: 1, reply: false },
    })),
  );
  expect(
    of("accepted-log")
      .map(({ from, to, reply }) => [from, to, reply])
      .sort(),
  ).toEqual(["acceptor1", "acceptor2", "acceptor3"].map((from) => [from, leader, true]));
  expect(events.events.some(({ data }) => data["type"] === "submit" && data["from"] === "gateway1")).toBe(true);
  expect(events.events.some(({ data }) => data["type"] === "submitted" && data["to"] === "gateway1")).toBe(true);
  events.close();
  await events.ended;
});

test("where there are several gateways each still tells each message once", async () => {
  const stage = await ClusterStage.started({ shape: COMPACT });
  const readers = await Promise.all(
    ["gateway1", "gateway2"].map((name) => ChangeReader.open(stage.url(name, "/events"))),
  );
  const isSubmit = ({ data }: { data: Readonly<Record<string, unknown>> }) =>
    data["type"] === "submit" && data["from"] === "gateway3";
  await until("both hear gateway3", async () => {
    await stage.write("a", "1", "gateway3");
    return readers.every((reader) => reader.events.some(isSubmit));
  });
  for (const reader of readers) {
    const told = reader.events.filter(isSubmit).map(({ data }) => `${data["at"]} ${data["to"]}`);
    expect(new Set(told).size).toBe(told.length);
    reader.close();
  }
});
