/**
 * Bundles every command into one minified file, so that a command starts in little more than the time Node itself
 * takes: reading a hundred small files costs more than what they do. The acceptor server stays outside, and is loaded
 * only by the commands that run one.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const commands = `${root}packages/proposer-cli/`;

/** The commands give the client Node's own HTTP; its default transport stays out, since it would double their start-up. */
const withoutUndici = {
  name: "without-undici",
  resolveId: (source) => (source === "undici" ? "\0no-undici" : null),
  load: (id) => (id === "\0no-undici" ? "export const Pool = null;" : null),
};

mkdirSync(`${commands}bundle`, { recursive: true });
const modules = [
  ...(await bundleInto("commands.js", `${commands}dist/index.js`)),
  ...(await bundleInto("simulation-worker.js", `${commands}dist/simulation/worker.js`)),
];
replace("THIRD-PARTY-LICENSES.txt", licenses(modules));

/** Makes one file of a program and everything that it loads at its start. Returns what went into it. */
async function bundleInto(name, input) {
  const bundle = await rolldown({
    input,
    platform: "node",
    external: [
      "@synod/acceptor-server",
      "@synod/replica-server",
      "@synod/replica-server/topology/read-yaml",
      "@synod/simulator",
      "pino",
      "close-with-grace",
    ],
    plugins: [withoutUndici],
    logLevel: "warn",
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  replace(name, output[0].code);
  return output.flatMap((chunk) => chunk.moduleIds ?? []);
}

/** Puts a file in its place whole: a command that starts meanwhile finds the old one or the new. */
function replace(name, text) {
  const draft = `${commands}bundle/${name}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, `${commands}bundle/${name}`);
}

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
