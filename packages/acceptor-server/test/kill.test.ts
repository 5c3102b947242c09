import { AcceptorClient } from "@synod/client";
import { HISTORY_LIMIT, Random } from "@synod/consensus";
import { expect, test } from "vitest";
import { AcceptorProcess } from "./acceptor-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Pools that are killed again and again, side by side, and how often each. */
const POOLS = 2;
const KILLS = 5;
const CLIENTS = 24;
const INSTANCES = [1, 2, 3, 4];
/** The process is killed after so many answers at most: a bound on answers, not on time, is met on any machine. */
const MOST_ANSWERS = 300;
/** Another run of the same choices: SYNOD_TEST_SEED=... */
const SEED = Number(process.env["SYNOD_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

/** What one acceptor has told through all of its lives, and so must never forget. */
class Memory {
  /** The highest id of any promise that was told, in whatever answer. */
  promisedId = -1;
  nextId = 0;
  answers = 0;
  /** For each instance, the ids whose acceptance was told. */
  readonly accepted = new Map<number, Set<number>>(INSTANCES.map((instance) => [instance, new Set()]));

  toldPromise(id: number): void {
    this.promisedId = Math.max(this.promisedId, id);
  }

  toldAcceptance(id: number, instance: number): void {
    this.toldPromise(id);
    this.accepted.get(instance)?.add(id);
  }
}

/** One id carries one value, so that an acceptance tells where it came from. */
function valueUnder(id: number, instance: number): string {
  return `value ${id} of ${instance}`;
}

/** Sends prepares and accepts with rising ids, one after the other, until the server is gone. */
async function load(client: AcceptorClient, random: Random, memory: Memory, onAnswer: () => void): Promise<void> {
  for (;;) {
    const id = memory.nextId++;
    const instance = INSTANCES[random.below(INSTANCES.length)] ?? 1;
    try {
      if (random.below(3) === 0) {
        const reply = await client.prepare({ id, instance });
        memory.toldPromise(reply.promisedId);
      } else {
        const reply = await client.accept({ id, instance, value: valueUnder(id, instance) });
        if (reply.ignored) memory.toldPromise(reply.promisedId);
        else memory.toldAcceptance(id, instance);
      }
    } catch {
      return;
    }
    onAnswer();
  }
}

/** Loads the server and kills it in the midst of it, after a number of answers that the seed decides. */
async function killUnderLoad(server: AcceptorProcess, random: Random, memory: Memory): Promise<void> {
  const client = new AcceptorClient(server.address, { serverId: 1, timeoutMs: 30_000 });
  const killAt = memory.answers + 1 + random.below(MOST_ANSWERS);
  let killed: Promise<unknown> | null = null;
  const onAnswer = () => {
    memory.answers++;
    if (memory.answers >= killAt) killed ??= server.end("SIGKILL");
  };
  const seeds = Array.from({ length: CLIENTS }, () => random.uint32());
  await Promise.all(seeds.map((seed) => load(client, Random.fromSeed(seed), memory, onAnswer)));
  expect(killed, "the clients stop only because the server was killed").not.toBeNull();
  await killed;
  await client.close();
}

async function expectNothingForgotten(server: AcceptorProcess, memory: Memory, told: string): Promise<void> {
  const client = new AcceptorClient(server.address, { serverId: 1, timeoutMs: 30_000 });
  for (const instance of INSTANCES) {
    const state = await client.state(instance);
    const ids = [...(memory.accepted.get(instance) ?? [])];
    expect(state.promisedId, told).toBeGreaterThanOrEqual(memory.promisedId);
    if ("truncated" in state) throw new Error(`instance ${instance} is truncated, and nobody asked for that`);
    expect(state.acceptedId, told).toBeGreaterThanOrEqual(Math.max(-1, ...ids));
    if (state.acceptedId >= 0) expect(state.acceptedValue, told).toBe(valueUnder(state.acceptedId, instance));
    const { history, missingThroughId } = await client.history(instance);
    const kept = history.map((each) => each.acceptedId);
    for (const { acceptedId, acceptedValue } of history) expect(acceptedValue).toBe(valueUnder(acceptedId, instance));
    expect(kept, told).toEqual([...kept].sort((a, b) => a - b));
    expect(kept, told).toEqual(expect.arrayContaining(ids.filter((id) => id > missingThroughId)));
    if (missingThroughId >= 0) expect(kept, told).toHaveLength(HISTORY_LIMIT);
    memory.toldPromise(state.promisedId);
    for (const id of kept) memory.toldAcceptance(id, instance);
  }
  await client.close();
}

test(`after kill -9 in the midst of load, ${POOLS * KILLS} times, nothing that was answered is forgotten`, async () => {
  console.info(`kill -9 under load: SYNOD_TEST_SEED=${SEED}`);
  const random = Random.fromSeed(SEED);
  const seeds = Array.from({ length: POOLS }, () => random.uint32());
  const totals = await Promise.all(
    seeds.map(async (seed) => {
      const own = Random.fromSeed(seed);
      const home = temporaryFolder();
      const memory = new Memory();
      let server = await AcceptorProcess.start(home);
      for (let kill = 1; kill <= KILLS; kill++) {
        await killUnderLoad(server, own, memory);
        server = await AcceptorProcess.start(home);
        await expectNothingForgotten(server, memory, `after kill ${kill} of seed ${SEED}`);
      }
      await server.end("SIGKILL");
      return { answers: memory.answers, accepted: [...memory.accepted.values()].map((ids) => ids.size) };
    }),
  );
  for (const { answers, accepted } of totals) {
    expect(answers, "the server was under load").toBeGreaterThan(KILLS);
    for (const count of accepted) expect(count, "every instance was in use").toBeGreaterThan(0);
  }
}, 180_000);
