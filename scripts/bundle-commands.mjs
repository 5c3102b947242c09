/**
 * Bundles every command into one minified file, so that a command starts in little more than the time Node itself
 * takes: reading a hundred small files costs more than what they do. The acceptor server stays outside, and is loaded
 * only by the commands that run one.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const commands = `${root}packages/proposer-cli/`;

/** All that the commands use of undici is its pool of connections and `request`; the rest would double their start-up. */
const ONLY_THE_POOL = `
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import request from "undici/lib/api/api-request.js";
Dispatcher.prototype.request = request;
export { default as Pool } from "undici/lib/dispatcher/pool.js";
`;

const onlyThePool = {
  name: "only-the-pool",
  resolveId: (source) => (source === "undici" ? "\0undici-pool" : null),
  load: (id) => (id === "\0undici-pool" ? ONLY_THE_POOL : null),
};

const bundle = await rolldown({
  input: { commands: `${commands}dist/index.js` },
  platform: "node",
  external: ["@synod/acceptor-server", "pino", "close-with-grace"],
  plugins: [onlyThePool],
  logLevel: "warn",
});
rmSync(`${commands}bundle`, { recursive: true, force: true });
const { output } = await bundle.write({ dir: `${commands}bundle`, format: "esm", minify: true, codeSplitting: false });
writeFileSync(`${commands}bundle/THIRD-PARTY-LICENSES.txt`, licenses(output.flatMap((chunk) => chunk.moduleIds ?? [])));

/** The licences of the packages that are part of the bundle, which most of them ask to go along. */
function licenses(modules) {
  const folders = new Set(modules.flatMap((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []));
  return [...folders]
    .sort()
    .map(licenseOf)
    .join(`\n${"-".repeat(80)}\n\n`);
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, "utf8") : ""}`;
}
