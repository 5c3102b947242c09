import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `npm run build` makes the page with this; `npx vite packages/console` serves it while one works on it. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsDir: "assets",
    modulePreload: false,
    license: { fileName: "third-party-licenses.md" },
  },
  server: {
    proxy: Object.fromEntries(
      ["/kv", "/chat", "/read", "/write", "/status", "/nodes", "/events"].map((path) => [
        path,
        "http://127.0.0.1:8000",
      ]),
    ),
  },
});
