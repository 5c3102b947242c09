import { describe, test } from "vitest";
import { withPreset } from "../../packages/proposer-cli/test/cluster-stage.js";
import { setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { blocksOf, follow, hasTools } from "../pasting.js";

describe("docs/chat.md", () => {
  test.skipIf(!hasTools)("its lines do what it says", { timeout: 240_000 }, async () => {
    await follow(blocksOf("docs/chat.md"), await withPreset(await setStage(0), "chat"));
  });
});
