import { isProof, type LedgerOperation } from "@synod/state-machines";
import { expect, test } from "vitest";
import { ProofSearch } from "../../src/applications/ledger/proof-search.ts";

const operation = (value: unknown): LedgerOperation => ({ type: "put", key: "k", value: value as string });
const sought = { withinMs: 30_000, isWanted: () => true };

test("a search finds a nonce that proves the work, whatever the difficulty and however long the value", async () => {
  const search = new ProofSearch();
  for (const [value, difficulty] of [
    ["v", 0],
    ["v", 8],
    ["x".repeat(65_000), 12],
  ] as const) {
    const nonce = await search.find({ ...sought, operation: operation(value), difficulty });
    expect(isProof({ type: "put", key: "k", value }, nonce, difficulty)).toBe(true);
  }
});

test("everything else goes on beside a long search, and short ones are not behind it", async () => {
  const search = new ProofSearch();
  const long = search.find({ ...sought, operation: operation("long"), difficulty: 24 });
  const ended = expect(long).rejects.toMatchObject({ code: "stopping" });
  let turns = 0;
  const short = search.find({ ...sought, operation: operation("short"), difficulty: 0 });
  while (turns < 20) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  expect(await short).toBeGreaterThanOrEqual(0);
  search.close();
  await ended;
  await expect(search.find({ ...sought, operation: operation("late"), difficulty: 0 })).rejects.toMatchObject({
    code: "stopping",
  });
});

test("a search that takes too long, or that nobody waits for, ends: then certainly nothing was written", async () => {
  const search = new ProofSearch();
  const late = search.find({ ...sought, operation: operation("a"), difficulty: 24, withinMs: 5 });
  await expect(late).rejects.toMatchObject({ code: "no-work" });
  await expect(late).rejects.toThrow("no proof of work of difficulty 24 was found within 5 ms. Give it more time");
  const unwanted = search.find({ ...sought, operation: operation("a"), difficulty: 24, isWanted: () => false });
  await expect(unwanted).rejects.toMatchObject({ code: "no-work" });
  search.close();
});
