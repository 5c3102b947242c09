import { expect, test } from "vitest";
import { SnapshotPace } from "../src/log/snapshot-pace.ts";

test("a snapshot is due after so many characters, and after as many as the last one has, so that large ones are rare", () => {
  const pace = new SnapshotPace({ snapshotCharacters: 4, snapshotGrowth: 2 }, []);
  pace.applied("abc");
  expect(pace.isDue).toBe(false);
  pace.applied("d");
  expect(pace.isDue).toBe(true);
  pace.begins(["abc", "de"]);
  pace.applied("123456789");
  expect(pace.isDue).toBe(false);
  pace.applied("0");
  expect(pace.isDue).toBe(true);
});

test("a restart goes on from the snapshot that it finds", () => {
  const pace = new SnapshotPace({ snapshotCharacters: 1, snapshotGrowth: 1 }, ["abcde"]);
  pace.applied("1234");
  expect(pace.isDue).toBe(false);
});
