/**
 * Bundles every command into one minified file, so that a command starts in little more than the time Node itself
 * takes: reading a hundred small files costs more than what they do. What only some commands need (servers, the
 * simulator, YAML) is bundled beside it for the same reason, and loaded by those alone.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const commands = `${root}packages/proposer-cli/`;
const folder = `${commands}bundle/`;

/** What commands load when they need it, by the file in which it is. */
const LOADED_LATER = {
  "@synod/acceptor-server": "acceptor-server",
  "@synod/replica-server": "replica-server",
  "@synod/replica-server/topology/read-yaml": "read-yaml",
  "@synod/replica-server/ledger-snapshot": "ledger-snapshot",
  "@synod/ring": "ring",
  "@synod/simulator": "simulator",
  "@synod/state-machines": "state-machines",
  pino: "pino",
  "close-with-grace": "close-with-grace",
};

/** The commands give the client Node's own HTTP; its default transport stays out, since it would double their start-up. */
const withoutUndici = {
  name: "without-undici",
  resolveId: (source) => (source === "undici" ? "\0no-undici" : null),
  load: (id) => (id === "\0no-undici" ? "export const Pool = null;" : null),
};

/** A CommonJS file that is bundled exports all it has as one object: this names what commands take of it. */
const withNamedPino = {
  name: "with-named-pino",
  resolveId: (source, importer) => (source === "pino" && importer === undefined ? "\0named-pino" : null),
  load: (id) => (id === "\0named-pino" ? 'export { pino } from "pino";' : null),
};

mkdirSync(`${folder}later`, { recursive: true });
const modules = [
  ...(await bundleLater()),
  ...(await bundleInto("commands.js", `${commands}dist/index.js`)),
  ...(await bundleInto("simulation-worker.js", `${commands}dist/simulation/worker.js`)),
];
replace("THIRD-PARTY-LICENSES.txt", licenses(modules));

/** Makes one file of a program and everything that it loads at its start. Returns what went into it. */
async function bundleInto(name, input) {
  const bundle = await rolldown({
    input,
    platform: "node",
    external: Object.keys(LOADED_LATER),
    plugins: [withoutUndici],
    logLevel: "warn",
  });
  const paths = Object.fromEntries(Object.entries(LOADED_LATER).map(([id, file]) => [id, `./later/${file}.js`]));
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false, paths });
  return putAll(output, (chunk) => (chunk.isEntry ? name : chunk.fileName));
}

/**
 * Makes a file of each part that is loaded later, and some of what they share, so that two of them in one process have the
 * same code. Not minified: a server's log shows where in it an error arose. What its code looks up when it runs (the
 * binary of fs-native-extensions, the built page) is looked up from here: the package of the commands depends on it.
 * Returns what went into them.
 */
async function bundleLater() {
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(LOADED_LATER).map(([id, file]) => [file, id])),
    cwd: commands,
    platform: "node",
    plugins: [withNamedPino],
    logLevel: "warn",
  });
  const { output } = await bundle.generate({ format: "esm", chunkFileNames: "shared-[hash].js" });
  const before = readdirSync(`${folder}later`);
  const included = putAll(output, ({ fileName }) => `later/${fileName}`);
  const now = new Set(output.map(({ fileName }) => fileName));
  for (const name of before.filter((one) => !now.has(one))) rmSync(`${folder}later/${name}`, { force: true });
  return included;
}

/** Writes the files of a bundle, those that others import first. Returns what went into them. */
function putAll(chunks, nameOf) {
  const sharedFirst = [...chunks].sort((one, other) => Number(one.isEntry) - Number(other.isEntry));
  for (const chunk of sharedFirst) replace(nameOf(chunk), chunk.code);
  return chunks.flatMap((chunk) => chunk.moduleIds ?? []);
}

/** Puts a file in its place whole: a command that starts meanwhile finds the old one or the new. */
function replace(name, text) {
  const draft = `${folder}${name}.${process.pid}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, folder + name);
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
