import { StoreRefused } from "@synod/acceptor-server";
import { applyRaftWrite, freshRaftState, type RaftWrite } from "@synod/consensus";
import { openDiskJournal } from "@synod/storage";
import { expect, test } from "vitest";
import { decodeWrites, encodeWrites } from "../src/stores/raft-records.ts";
import { RaftStore } from "../src/stores/raft-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const OWN = { clusterId: "c", name: "raft1" };
const VOTERS = ["raft1", "raft2", "raft3"];
const FOUR = { voters: [...VOTERS, "raft4"], nonVoters: [] };

const term = (number: number, votedFor: string | null = null): RaftWrite => ({ kind: "term", term: number, votedFor });
const entries = (from: number, ...values: string[]): RaftWrite => {
  return { kind: "entries", from, entries: values.map((value) => ({ term: 1, value })) };
};

/** What a server is rebuilt to. */
function rebuilt(writes: readonly RaftWrite[]) {
  const state = freshRaftState({ voters: VOTERS, nonVoters: [] });
  for (const write of writes) applyRaftWrite(state, write);
  const { log, snapshot } = state;
  const values = Array.from({ length: log.lastIndex - log.firstIndex + 1 }, (_, place) => {
    return log.entryAt(log.firstIndex + place)?.value;
  });
  const members = state.configurations.latest;
  return { term: state.term, votedFor: state.votedFor, first: log.firstIndex, values, snapshot, members };
}

test("writes read back as they were: raw values, halves of surrogate pairs, members, and terms that differ", () => {
  const writes: RaftWrite[] = [
    term(7, "raft2"),
    entries(1, "", "a\nb", "ü\u{1f600}", '{"a":"b"}'),
    {
      kind: "entries",
      from: 5,
      entries: [
        { term: 2, value: "x" },
        { term: 3, value: "y", configuration: FOUR },
      ],
    },
    entries(7, "\ud800", "after"),
    { kind: "snapshot", snapshot: { lastIndex: 2, lastTerm: 1, configuration: FOUR, pieces: ["a", "b\n"] } },
    entries(9, "last"),
  ];
  expect(decodeWrites(encodeWrites(writes))).toEqual(writes);
});

test("term, vote and log outlive the process, each in the order in which it was written", async () => {
  const folder = temporaryFolder();
  const first = await RaftStore.onDisk(folder, OWN, VOTERS);
  expect(first).toMatchObject({ created: true, writes: [], voters: VOTERS });
  await first.store.persist([term(1, "raft1"), entries(1, "a", "b")]);
  await first.store.persist([entries(2, "c", "d"), term(2)]);
  await first.store.close();
  const again = await RaftStore.onDisk(folder, OWN, []);
  expect(rebuilt(again.writes)).toMatchObject({ term: 2, votedFor: null, first: 1, values: ["a", "c", "d"] });
  // The members are those that the cluster was made with, whatever a topology says by now.
  expect(again.voters).toEqual(VOTERS);
  await again.store.close();
});

test("a snapshot comes in place of what it holds, and what follows it stays", async () => {
  const folder = temporaryFolder();
  const first = await RaftStore.onDisk(folder, OWN, VOTERS);
  const snapshot = { lastIndex: 3, lastTerm: 1, configuration: FOUR, pieces: ["state", "ü\n", ""] };
  const added: RaftWrite = { kind: "entries", from: 3, entries: [{ term: 1, value: "", configuration: FOUR }] };
  await first.store.persist([term(1, "raft2"), entries(1, "a", "b"), added, entries(4, "d")]);
  await first.store.persist([{ kind: "snapshot", snapshot }, entries(5, "e")]);
  await first.store.persist([entries(6, "f")]);
  await first.store.close();
  const again = await RaftStore.onDisk(folder, OWN, VOTERS);
  expect(again.writes.flatMap(({ kind }) => kind)).toEqual(["snapshot", "term", "entries", "entries"]);
  expect(rebuilt(again.writes)).toEqual({
    ...{ term: 1, votedFor: "raft2", first: 4, values: ["d", "e", "f"], snapshot },
    members: FOUR,
  });
  await again.store.close();
});

test("a journal that has grown is replaced by what its writes come to", async () => {
  const folder = temporaryFolder();
  const made = await RaftStore.onDisk(folder, OWN, VOTERS);
  await made.store.close();
  const opened = await openDiskJournal(folder, { initialState: new Uint8Array() });
  const { store } = await RaftStore.over(opened, folder, OWN, { growth: 2000, growthFactor: 2 });
  for (let index = 1; index <= 60; index++) await store.persist([entries(index, "x".repeat(50))]);
  expect(opened.journal.checkpointBytes).toBeGreaterThan(2000);
  await store.close();
  const again = await RaftStore.onDisk(folder, OWN, VOTERS);
  expect(again.writes.length).toBeLessThan(60);
  expect(rebuilt(again.writes).values).toHaveLength(60);
  await again.store.close();
});

test.each([
  ["another cluster's", { ...OWN, clusterId: "d" }],
  ["another server's", { ...OWN, name: "raft2" }],
])("%s state is refused, and the folder let go of", async (_whose, other) => {
  const folder = temporaryFolder();
  await (await RaftStore.onDisk(folder, OWN, VOTERS)).store.close();
  await expect(RaftStore.onDisk(folder, other, VOTERS)).rejects.toThrow(StoreRefused);
  await (await RaftStore.onDisk(folder, OWN, VOTERS)).store.close();
});
