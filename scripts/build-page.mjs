/**
 * Builds the web page into packages/console/dist: index.html, and beside it files whose names change with their content,
 * each also compressed, so that a gateway has nothing to do but hand them out.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";

const page = fileURLToPath(new URL("../packages/console/", import.meta.url));
const folder = `${page}dist`;

const { output } = await build({ configFile: `${page}vite.config.ts`, logLevel: "warn", build: { write: false } });
const files = output.map((part) => [part.fileName, Buffer.from(part.type === "chunk" ? part.code : part.source)]);
// What index.html names is there before it is.
const [html, others] = [files.filter(isHtml), files.filter((file) => !isHtml(file))];
const written = [...others, ...html].flatMap(([name, bytes]) => variants(name, bytes).map((file) => put(...file)));
removeOthers(new Set(written));

function isHtml([name]) {
  return name.endsWith(".html");
}

/** A file as it is, and compressed where that makes it smaller. */
function variants(name, bytes) {
  if (!/\.(html|js|css|svg)$/.test(name)) return [[name, bytes]];
  const options = {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  };
  const compressed = [
    [`${name}.br`, brotliCompressSync(bytes, options)],
    [`${name}.gz`, gzipSync(bytes, { level: 9 })],
  ];
  return [...compressed.filter(([, smaller]) => smaller.length < bytes.length), [name, bytes]];
}

/** Puts a file in its place whole: a gateway that starts meanwhile finds the old one or the new. */
function put(name, bytes) {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, bytes);
  renameSync(draft, file);
  return name;
}

/** Earlier builds, once nothing names them any more. */
function removeOthers(kept) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const isInTheMaking = file.endsWith(".draft");
    if (entry.isFile() && !isInTheMaking && !kept.has(file.slice(folder.length + 1))) rmSync(file, { force: true });
  }
}
