import { expect, test } from "vitest";
import { type Change, changesIn, nameOf } from "../src/words/change.ts";

const put = { revision: 7, key: "tea", value: "hot", type: "put" };
const gone = { revision: 7, key: "milk", value: null, type: "delete" };
const [tea, milk]: Change[] = [
  { kind: "put", revision: 7, key: "tea", value: "hot" },
  { kind: "delete", revision: 7, key: "milk", value: null },
];

test("an event tells one change, or all that share a revision in their order, or that some are gone; others tell none", () => {
  expect(changesIn("change", JSON.stringify(put))).toEqual([tea]);
  expect(changesIn("changes", JSON.stringify({ revision: 7, changes: [put, gone] }))).toEqual([tea, milk]);
  expect(changesIn("compacted", '{"compactedThrough":40}')).toEqual([{ kind: "compacted", revision: 40 }]);
  expect(changesIn("started", '{"startedAfter":6}')).toEqual([]);
  expect(changesIn("progress", '{"toldThrough":1006}')).toEqual([]);
});

test("each has a name of its own, which its row keeps when others come", () => {
  const changes = [tea, milk, { kind: "compacted", revision: 7 }, { ...tea, revision: 8 }] as Change[];
  expect(new Set(changes.map(nameOf)).size).toBe(changes.length);
});
