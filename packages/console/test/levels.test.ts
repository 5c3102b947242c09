import { describe, expect, test } from "vitest";
import { costInWords } from "../src/words/cost.ts";
import { freshnessOf } from "../src/words/levels.ts";

describe("how stale an answer may be", () => {
  const read = { slot: 40, learner: "learner2", decided: 40, seen: 38 };

  test("a strong read is not stale; a session is told what it has seen; an eventual read has no bound", () => {
    expect(freshnessOf({ ...read, level: "strong" }).inWords).toMatch(/^Not stale: .* up to slot 40 at least\./);
    expect(freshnessOf({ ...read, level: "session" }).inWords).toMatch(/^Not older than .*, slot 38; /);
    expect(freshnessOf({ ...read, level: "eventual" }).inWords).toMatch(/^May be stale, without a bound\./);
  });

  test("a session that has seen nothing promises nothing", () => {
    expect(freshnessOf({ ...read, level: "session", seen: null }).inWords).toMatch(/^May be stale: .* nothing yet/);
  });

  test("slots that are decided and not in the answer are counted", () => {
    const { behind, inWords } = freshnessOf({ ...read, level: "eventual", decided: 43 });
    expect(behind).toBe(3);
    expect(inWords).toMatch(/learner2 as of slot 40; slot 43 is decided: 3 slots behind\.$/);
    expect(freshnessOf({ ...read, level: "eventual", decided: 41 }).inWords).toMatch(/: 1 slot behind\.$/);
  });

  test("an answer that is ahead of what the page knows is not behind", () => {
    expect(freshnessOf({ ...read, level: "eventual", decided: 12 }).behind).toBe(0);
  });
});

test("a cost says how many messages there were, and who else was in them", () => {
  expect(costInWords({ messages: 9, sharedBy: 1, ms: 4.21 })).toBe("9 messages between the nodes, in 4.2 ms");
  expect(costInWords({ messages: 1, sharedBy: 3, ms: 41.7 })).toBe(
    "1 message between the nodes, shared by 3 requests, in 42 ms",
  );
});
