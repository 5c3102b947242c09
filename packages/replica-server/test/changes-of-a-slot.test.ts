import { charactersOfKeyValueChange, type KeyValueChange } from "@synod/state-machines";
import { expect, test } from "vitest";
import { ChangeFeed } from "../src/applications/change-feed.ts";
import { readFrom, ToldStream } from "./told-streams.ts";

/** These keys are put in this revision. */
function puts(revision: number, ...keys: string[]): KeyValueChange[] {
  return keys.map((key) => ({ revision, key, value: `${key} of ${revision}`, type: "put" }));
}

const SLOTS = [puts(1, "tea"), puts(2, "tea", "milk", "tart"), puts(4, "milk", "tart"), puts(5, "tart", "tea")];
const ALL = SLOTS.flat();

function feedOf(slots: readonly KeyValueChange[][], limits = {}): ChangeFeed<KeyValueChange> {
  const feed = new ChangeFeed({ charactersOf: charactersOfKeyValueChange, limits });
  for (const changes of slots) feed.push(changes[0]?.revision ?? 0, changes);
  return feed;
}

test("each reader has one event a slot: a change if one is its own, else all that are, in the order in which they were applied", () => {
  const feed = feedOf(SLOTS);
  const [two, three] = [puts(2, "tea", "milk", "tart"), puts(5, "tart", "tea")];
  expect(new ToldStream(feed, "t*", 1).events).toEqual([
    { event: "changes", id: 2, data: JSON.stringify({ revision: 2, changes: [two[0], two[2]] }) },
    { event: "change", id: 4, data: JSON.stringify(puts(4, "tart")[0]) },
    { event: "changes", id: 5, data: JSON.stringify({ revision: 5, changes: three }) },
  ]);
  expect(new ToldStream(feed, "milk", 0).events).toEqual([
    { event: "change", id: 2, data: JSON.stringify(puts(2, "milk")[0]) },
    { event: "change", id: 4, data: JSON.stringify(puts(4, "milk")[0]) },
  ]);
});

test("wherever a stream breaks, whoever resumes after the last id is told each change once, and none of another reader's", () => {
  const feed = feedOf(SLOTS);
  for (const [pattern, own] of [
    ["*", ALL],
    ["t*", ALL.filter(({ key }) => key !== "milk")],
    ["milk", ALL.filter(({ key }) => key === "milk")],
  ] as const) {
    const { text } = new ToldStream(feed, pattern, 0);
    for (let cut = 0; cut <= text.length; cut++) {
      const before = readFrom(text.slice(0, cut), 0);
      const rest = readFrom(new ToldStream(feed, pattern, before.last).text, before.last);
      expect([...before.told, ...rest.told], `cut at character ${cut}`).toEqual(own);
    }
  }
});

test("a feed that has to wait for a reader after any event goes on with the next slot, and leaves out no part of one", async () => {
  const feed = feedOf(SLOTS.slice(0, 2));
  const reader = new ToldStream(feed, "*", 0, 1);
  expect(reader.events).toHaveLength(1);
  for (const changes of SLOTS.slice(2)) feed.push(changes[0]?.revision ?? 0, changes);
  await new Promise((resolve) => setImmediate(resolve));
  expect(reader.events).toHaveLength(1);
  for (const _ of SLOTS) reader.read();
  expect(readFrom(reader.text, 0)).toEqual({ told: ALL, last: 5 });
});

test("how far a reader is whom nothing concerns is told by changes, not slots: changes are what is kept, and a slot may have many", () => {
  const keys = Array.from({ length: 400 }, (_, place) => `k${place}`);
  const feed = feedOf([1, 2, 3, 4, 5, 6].map((revision) => puts(revision, ...keys)));
  expect(new ToldStream(feed, "rare", 0).events).toMatchObject([
    { event: "progress", id: 3 },
    { event: "progress", id: 6 },
  ]);
});
