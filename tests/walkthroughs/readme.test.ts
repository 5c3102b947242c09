import { describe, expect, test } from "vitest";
import { withCluster } from "../../packages/proposer-cli/test/cluster-stage.js";
import { setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { blocksOf, follow, hasTools } from "../pasting.js";

describe("the README", () => {
  test.skipIf(!hasTools)(
    "its tour does what it says when it is pasted, line by line",
    { timeout: 240_000 },
    async () => {
      const blocks = blocksOf("README.md");
      expect(blocks.filter(({ language }) => language === "sh").length).toBeGreaterThan(8);
      await follow(blocks, await withCluster(await setStage(3), ["acceptor1", "acceptor2", "proposer1", "learner1"]));
    },
  );
});
