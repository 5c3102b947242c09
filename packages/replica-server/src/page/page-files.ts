import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

/** One file of the built page, with what `scripts/build-page.mjs` put beside it. */
export interface PageFile {
  readonly type: string;
  /** Whether another content would have another name: it may be kept for ever. */
  readonly isImmutable: boolean;
  /** What it is sent as, by content coding; always as it is (`identity`). */
  readonly variants: ReadonlyMap<Coding, PageVariant>;
}

interface PageVariant {
  readonly bytes: Buffer;
  /** Names this very content, in this coding. */
  readonly etag: string;
}

export type Coding = "br" | "gzip" | "identity";

/** The codings in the order of liking, with the ending of the file that has each. */
export const CODINGS: readonly (readonly [coding: Coding, ending: string])[] = [
  ["br", ".br"],
  ["gzip", ".gz"],
  ["identity", ""],
];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".md": "text/plain; charset=utf-8",
};

/**
 * Reads the built page, by path such as `/` and `/assets/index-4f2a.js`. All of it is kept in memory, some ten kilobytes: a
 * page that is built anew while the server runs would else be half the old one and half the new.
 *
 * @returns null if it is not built
 */
export function readPage(folder: string | null = builtFolder()): ReadonlyMap<string, PageFile> | null {
  if (folder === null || !existsSync(join(folder, "index.html"))) return null;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.flatMap((name) => {
    const type = TYPES[extname(name)];
    if (type === undefined) return [];
    const path = name === "index.html" ? "/" : `/${name.replaceAll("\\", "/")}`;
    return [[path, pageFile(join(folder, name), type, path.startsWith("/assets/"))] as const];
  });
  return new Map(files);
}

function pageFile(file: string, type: string, isImmutable: boolean): PageFile {
  const variants = CODINGS.flatMap(([coding, ending]) => {
    if (!existsSync(file + ending)) return [];
    const bytes = readFileSync(file + ending);
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    return [[coding, { bytes, etag }] as const];
  });
  return { type, isImmutable, variants: new Map(variants) };
}

/** Where the console's package has the page that it was built into; null if it has none. */
function builtFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve("@synod/console/page/index.html"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
