import { StoreRefused } from "@synod/acceptor-server";
import { MemoryDisk, openMemoryJournal } from "@synod/storage";
import { expect, test } from "vitest";
import { LearnerStore } from "../src/stores/learner-store.ts";
import { ProposerStore } from "../src/stores/proposer-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PROPOSER = { clusterId: "c", name: "proposer1" };
const LEARNER = { clusterId: "c", name: "learner1" };
const NOTHING = { initialState: new Uint8Array() };

test("a proposer's ids outlive its process", async () => {
  const folder = temporaryFolder();
  const first = await ProposerStore.onDisk(folder, PROPOSER);
  expect(first).toMatchObject({ created: true, writes: [] });
  await first.store.persist([{ kind: "proposing", id: 1 }]);
  await first.store.persist([
    { kind: "proposing", id: 17 },
    { kind: "proposing", id: 33 },
  ]);
  await first.store.close();
  const second = await ProposerStore.onDisk(folder, PROPOSER);
  expect(second.writes.map(({ id }) => id)).toEqual([1, 17, 33]);
  await second.store.close();
});

test("a proposer's journal stays small: a checkpoint holds the last id in place of all", async () => {
  const folder = temporaryFolder();
  const { store } = await ProposerStore.onDisk(folder, PROPOSER);
  for (let round = 0; round < 1000; round++) await store.persist([{ kind: "proposing", id: round * 16 + 1 }]);
  await store.close();
  const { store: again, writes } = await ProposerStore.onDisk(folder, PROPOSER);
  expect(writes.at(-1)?.id).toBe(999 * 16 + 1);
  expect(writes.length).toBeLessThan(600);
  await again.close();
});

test("a learner's last snapshot outlives its process, piece by piece", async () => {
  const folder = temporaryFolder();
  const { store, writes } = await LearnerStore.onDisk(folder, LEARNER);
  expect(writes).toEqual([]);
  const pieces = ['{"head":1}', '["ü", "a\\nb"]', "[]"];
  await store.persist([
    { kind: "snapshot", through: 3, pieces: ["old"] },
    { kind: "snapshot", through: 9, pieces },
  ]);
  await store.close();
  const again = await LearnerStore.onDisk(folder, LEARNER);
  expect(again.writes).toEqual([{ kind: "snapshot", through: 9, pieces }]);
  await again.store.close();
});

test.each([
  ["another cluster's", { ...LEARNER, clusterId: "d" }],
  ["another role's", { ...LEARNER, name: "learner2" }],
])("%s state is refused, and the folder let go of", async (_whose, other) => {
  const folder = temporaryFolder();
  for (const Store of [LearnerStore, ProposerStore]) {
    const own = `${folder}/${Store.name}`;
    await (await Store.onDisk(own, LEARNER)).store.close();
    await expect(Store.onDisk(own, other)).rejects.toThrow(StoreRefused);
    await (await Store.onDisk(own, LEARNER)).store.close();
  }
});

test("state in another format is refused", async () => {
  const disk = new MemoryDisk();
  const initialState = Buffer.from(
    '{"format":99,"identity":{"clusterId":"c","name":"learner1"},"through":0,"pieces":0}',
  );
  await (await openMemoryJournal(disk, { initialState })).journal.close();
  const opened = await openMemoryJournal(disk, NOTHING);
  await expect(LearnerStore.over(opened, "memory", LEARNER)).rejects.toThrow(/format 99; this version reads 1/);
});
