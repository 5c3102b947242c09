import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withCluster, withPreset } from "../../packages/proposer-cli/test/cluster-stage.js";
import { setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { blocksOf, follow, hasTools } from "../pasting.js";
import { ROOT } from "../source-tree.js";

describe("docs/originals.md", () => {
  const rows = readFileSync(`${ROOT}docs/originals.md`, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("| here |"))
    .map((line) => /`([^`]+)` \| here \|$/.exec(line)?.[1] ?? line);

  test.skipIf(!hasTools)(
    "the demonstration of the key-value store does what it says when it is pasted, line by line",
    { timeout: 300_000 },
    async () => {
      const alone = ["acceptor1", "acceptor2", "proposer1", "proposer2", "learner1"];
      await follow(
        blocksOf("docs/originals.md"),
        await withPreset(await withCluster(await setStage(3), alone), "chat"),
      );
    },
  );

  test("the counterpart of every command that is there already works", { timeout: 120_000 }, async () => {
    expect(rows.length).toBeGreaterThan(10);
    const stage = await setStage(3);
    for (const row of rows) {
      const [command = "", ...words] = row.split(" ");
      const { exitCode, stderr } = await stage.run(command, ...words);
      expect(exitCode, `${row}\n${stderr}`).toBe(0);
    }
  });
});
