import { describe, expect, test } from "vitest";
import { withCluster } from "../../packages/proposer-cli/test/cluster-stage.js";
import { setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { blocksOf, follow, hasTools } from "../pasting.js";

describe("docs/wire.md", () => {
  test.skipIf(!hasTools)("its curl lines work against a pool of acceptors", async () => {
    const stage = await setStage(3);
    expect((await stage.synod("acceptor", "up", "1", "2", "3", "--server-count", "3")).exitCode).toBe(0);
    await follow(blocksOf("docs/wire.md"), stage);
  });
});

describe("docs/key-value.md", () => {
  test.skipIf(!hasTools)("its lines do what it says", { timeout: 240_000 }, async () => {
    await follow(blocksOf("docs/key-value.md"), await withCluster(await setStage(3), []));
  });
});

describe("docs/performance.md", () => {
  test.skipIf(!hasTools)("its commands do what it says", { timeout: 240_000 }, async () => {
    await follow(blocksOf("docs/performance.md"), await setStage(0));
  });
});

describe("docs/histories.md", () => {
  test.skipIf(!hasTools)("its commands do what it says when they are pasted, line by line", async () => {
    await follow(blocksOf("docs/histories.md"), await setStage(1));
  });
});
