import { Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { ConfigurationTable } from "../../src/linearizability/configuration-table.ts";

describe("the memory of a search", () => {
  test("knows what it was told, and nothing else, however much it grows", () => {
    const table = new ConfigurationTable(3, 2 ** 24);
    const random = Random.fromSeed(11);
    const told = new Set<string>();
    for (let round = 0; round < 100_000; round++) {
      const configuration = Int32Array.of(random.below(40), random.below(40), random.below(40));
      const isKnown = told.has(configuration.join());
      expect(table.add(configuration)).toBe(isKnown ? "known" : "new");
      told.add(configuration.join());
    }
  });

  test("is full where its bytes end, and still knows what it holds", () => {
    const words = 2;
    const table = new ConfigurationTable(words, 4096 * (words + 2) * 4);
    const answers = Array.from({ length: 5000 }, (_, number) => table.add(Int32Array.of(number, 7)));
    expect(answers.lastIndexOf("new")).toBe(4095);
    expect(answers.slice(4096).every((answer) => answer === "full")).toBe(true);
    expect(table.add(Int32Array.of(17, 7))).toBe("known");
  });
});
