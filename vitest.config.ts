import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type Reporter, type TestSpecification } from "vitest/node";

/** What a person does who follows the documents: pasted line by line, in processes of their own. */
const WALKTHROUGHS = "tests/walkthroughs/*.test.ts";

const TESTS = ["packages/*/test/**/*.test.ts", "tests/*.test.ts"];

const packages = fileURLToPath(new URL("./packages/", import.meta.url));

/** Ends a run with one plain line, for whoever reads it with a program. */
const closingLine: Reporter = {
  onTestRunEnd(modules) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((one) => one === state).length;
    const failed = count("failed") + modules.filter((module) => !module.ok() && module.errors().length > 0).length;
    process.stdout.write(`${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped\n`);
  },
};

/** Whether a file pastes documents, drives a browser or starts clusters: by far the longest. */
function isLong({ moduleId }: TestSpecification): boolean {
  return !moduleId.startsWith(packages) || /-(processes|threads)\.test\.ts$/.test(moduleId);
}

/** The longest files come first, so that no worker is left with one of them when all others are done. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Tests read the sources, so that no test can pass on a stale build; those that start processes use what was built. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@synod\/([^/]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@synod\/([^/]+)\/(.+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  },
  test: {
    // `npm test` is the first; `npm run check` and CI are both.
    projects: [
      { extends: true, test: { name: "tests", include: TESTS, exclude: [WALKTHROUGHS] } },
      { extends: true, test: { name: "walkthroughs", include: [WALKTHROUGHS] } },
    ],
    reporters: ["default", closingLine],
    testTimeout: 60_000,
    // What is waited for comes at once, but on a machine that has other things to do.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    maxWorkers: 4,
    // Files share the modules that a worker has loaded: no module of ours keeps a state, and loading is half of the work.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
