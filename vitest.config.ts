import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("./packages/", import.meta.url));

/** Tests read the sources, so that no test can pass on a stale build; those that start processes use what was built. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@synod\/([^/]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@synod\/([^/]+)\/(.+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
