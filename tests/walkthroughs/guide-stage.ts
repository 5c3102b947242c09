import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { withCluster, withPreset } from "../../packages/proposer-cli/test/cluster-stage.js";
import { freePorts, type Stage, setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { blocksOf, follow, hasTools } from "../pasting.js";
import { ROOT } from "../source-tree.js";

/** The chapters of the guide, in their order. */
export const CHAPTERS = readdirSync(`${ROOT}docs/guide`)
  .filter((file) => /^\d\d-/.test(file))
  .sort();

/** Which chapters are pasted beside each other, each part in a file of its own: by their numbers. */
export const PARTS = [
  [1, 3],
  [4, 6],
  [7, 7],
  [8, 8],
] as const;

/** Tests that paste these chapters, line by line. */
export function pasteChapters([first, last]: (typeof PARTS)[number]): void {
  const chapters = CHAPTERS.filter((file) => Number(file.slice(0, 2)) >= first && Number(file.slice(0, 2)) <= last);

  test.skipIf(!hasTools).each(chapters)(
    "%s does what it says when it is pasted, line by line",
    { timeout: 240_000 },
    async (chapter) => {
      const blocks = blocksOf(`docs/guide/${chapter}`);
      expect(blocks.filter(({ language }) => language === "sh").length).toBeGreaterThan(5);
      await follow(blocks, await stageOf(chapter));
    },
  );
}

/** What the processes of a chapter need, at ports that nobody else uses. */
async function stageOf(chapter: string): Promise<Parameters<typeof follow>[1]> {
  const preset = (["ledger", "chat"] as const).find((one) => chapter.includes(one));
  if (preset) return withPreset(await setStage(0), preset);
  if (chapter.includes("ring")) return withRing(await setStage(0));
  return withCluster(await setStage(3), ["acceptor1", "acceptor2", "learner1"]);
}

/** The same stage, with ports of its own in place of those of the hosts file that the chapter writes. */
async function withRing(stage: Stage) {
  const ports = await freePorts(4);
  return { ...stage, portOf: new Map(ports.map((port, uid) => [10_000 + uid, port])) };
}
