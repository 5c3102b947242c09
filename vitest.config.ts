import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests read the sources, so that no test can pass on a stale build; those that start processes use what was built. */
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@synod\/(.+)$/,
        replacement: `${fileURLToPath(new URL("./packages/", import.meta.url))}$1/src/index.ts`,
      },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
