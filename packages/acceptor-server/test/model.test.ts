import { MemoryDisk } from "@synod/storage";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AcceptorHost } from "../src/acceptor-host.ts";
import { AcceptorStore } from "../src/acceptor-store.ts";
import { buildApp } from "../src/app.ts";
import type { App } from "../src/node/node-app.ts";
import { AcceptorModel, type Expected, type Step } from "./acceptor-model.ts";
import { get, IDENTITY, post } from "./memory-app.ts";

const INSTANCES = [1, 2, 3];
const id = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER) },
);
const instance = fc.constantFrom(...INSTANCES);
const value = fc.constantFrom("", "apple", "pear");
const entries = fc.array(fc.record({ instance, value }), { maxLength: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("prepare" as const), id, instance }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("accept" as const), id, instance, value }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("prepare-log" as const), id, from: instance }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("accept-log" as const), id, entries }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

const URLS = { prepare: "/prepare", accept: "/accept", "prepare-log": "/log/prepare", "accept-log": "/log/accept" };

async function lifeOn(disk: MemoryDisk): Promise<App> {
  const { store, state } = await AcceptorStore.inMemory(IDENTITY, disk);
  return buildApp({ host: new AcceptorHost(store, state), identity: IDENTITY, peers: new Map() });
}

async function expectAnswer(app: App, { kind, ...body }: Exclude<Step, { kind: "restart" }>, expected: Expected) {
  const { status, reply } = await post(app, URLS[kind], body);
  if ("reply" in expected) expect({ status, reply }).toEqual({ status: 200, reply: expected.reply });
  else expect(reply).toMatchObject({ code: expected.code });
}

test("every answer is the one that a model of forty lines gives, through any requests and restarts", {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const disk = new MemoryDisk();
      const model = new AcceptorModel();
      let app = await lifeOn(disk);
      for (const each of steps) {
        if (each.kind === "restart") {
          disk.crash();
          app = await lifeOn(disk);
        } else {
          await expectAnswer(app, each, model.answer(each));
        }
      }
      expect((await get(app, "/log")).reply).toEqual({ promisedId: model.promisedId, ...model.log(1) });
      for (const instance of INSTANCES) {
        expect((await get(app, `/state?instance=${instance}`)).reply).toEqual(model.state(instance));
        expect((await get(app, `/history?instance=${instance}`)).reply).toEqual(model.history(instance));
      }
    }),
    { numRuns: 60 },
  );
});
