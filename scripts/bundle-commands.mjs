/**
 * Bundles what every command loads at its start into one minified file, so that a command starts in little more than the
 * time Node itself takes: reading a hundred small files costs more than what they do, and so does a file of all there is.
 * What a group of commands needs is a file beside it, and what some of them load later (servers, the simulator, YAML) are
 * others: whoever imports something with `import()` in the commands makes such a file.
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

/**
 * What string-width makes when it is loaded, and what takes its place: the same, made when it is first needed. That is half
 * of a command's start-up, for tables and helps in other scripts than ours. The characters of plain text are its segments.
 */
const MADE_TOO_EARLY = {
  "const segmenter = new Intl.Segmenter();": `let madeSegmenter;
const segmenter = {
  segment: (text) =>
    /^[ -~]*$/.test(text)
      ? Array.from(text, (segment) => ({ segment }))
      : (madeSegmenter ??= new Intl.Segmenter()).segment(text),
};`,
  "const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;": `let madeEmoji;
const rgiEmojiRegex = { test: (text) => (madeEmoji ??= new RegExp("^\\\\p{RGI_Emoji}$", "v")).test(text) };`,
};

const withLateWidths = {
  name: "with-late-widths",
  transform(code, id) {
    if (!id.endsWith("/string-width/index.js")) return null;
    const early = Object.entries(MADE_TOO_EARLY).filter(([statement]) => code.includes(statement));
    if (early.length === 0) throw new Error(`${id} makes nothing too early any more: leave this plugin out`);
    return early.reduce((text, [statement, late]) => text.replace(statement, () => late), code);
  },
};

/** Of undici servers use the pool of connections; the rest is three times as much, and read at each start. */
const withPoolAlone = {
  name: "with-pool-alone",
  resolveId: (source) => (source === "undici" ? "\0pool-alone" : null),
  load: (id) => (id === "\0pool-alone" ? 'export { default as Pool } from "undici/lib/dispatcher/pool.js";' : null),
};

/** A CommonJS file that is bundled exports all it has as one object: this names what commands take of it. */
const withNamedPino = {
  name: "with-named-pino",
  resolveId: (source, importer) => (source === "pino" && importer === undefined ? "\0named-pino" : null),
  load: (id) => (id === "\0named-pino" ? 'export { pino } from "pino";' : null),
};

const MINIFIED = {
  platform: "node",
  external: Object.keys(LOADED_LATER),
  plugins: [withoutUndici, withLateWidths],
  logLevel: "warn",
};
const TO_MINIFIED = {
  format: "esm",
  minify: true,
  paths: Object.fromEntries(Object.entries(LOADED_LATER).map(([id, file]) => [id, `./later/${file}.js`])),
};

/** The modules that every command loads at its start. */
const atStart = new Set();

mkdirSync(`${folder}later`, { recursive: true });
const modules = [...(await bundleLater()), ...(await bundleCommands())];
replace("THIRD-PARTY-LICENSES.txt", licenses(modules));

/**
 * Makes a file of all that every command loads at its start, one of each group of commands, and one of what groups share.
 * Returns what went into them.
 */
async function bundleCommands() {
  const start = `${commands}dist/index.js`;
  const commandLine = await rolldown({ ...MINIFIED, input: { commands: start } });
  const { output } = await commandLine.generate({
    ...TO_MINIFIED,
    chunkFileNames: "[name]-[hash].js",
    codeSplitting: {
      groups: [
        { debugName: "start", name: (id, info) => (isLoadedBy(start, id, info) ? "start" : null), priority: 1 },
        { name: "shared", minShareCount: 2 },
      ],
    },
  });
  const worker = await rolldown({
    ...MINIFIED,
    input: { "simulation-worker": `${commands}dist/simulation/worker.js` },
  });
  const { output: workerOutput } = await worker.generate({ ...TO_MINIFIED, codeSplitting: false });
  return putAll("", [...output, ...workerOutput]);
}

/** Whether a module is loaded with the first one, and not only when it is asked for. */
function isLoadedBy(first, id, info) {
  if (atStart.size === 0) {
    // Imports that are added while the set is gone through are gone through as well.
    atStart.add(first);
    for (const module of atStart)
      for (const imported of info.getModuleInfo(module)?.importedIds ?? []) atStart.add(imported);
  }
  return atStart.has(id);
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
    plugins: [withNamedPino, withPoolAlone],
    logLevel: "warn",
  });
  const { output } = await bundle.generate({ format: "esm", chunkFileNames: "shared-[hash].js" });
  return putAll("later/", output);
}

/**
 * Writes the files of a bundle into a folder, those that others import first, and removes what is left there of an earlier
 * one. Returns what went into them.
 */
function putAll(place, chunks) {
  const sharedFirst = [...chunks].sort((one, other) => Number(one.isEntry) - Number(other.isEntry));
  for (const { fileName, code } of sharedFirst) replace(place + fileName, code);
  const now = new Set(chunks.map(({ fileName }) => fileName));
  const stale = readdirSync(folder + place).filter((name) => name.endsWith(".js") && !now.has(name));
  for (const name of stale) rmSync(folder + place + name, { force: true });
  return chunks.flatMap(({ moduleIds }) => moduleIds ?? []);
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
