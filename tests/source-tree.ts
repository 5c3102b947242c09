import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "oxc-parser";

/** The code of the house, as its own tests read it. */

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly package: string;
  readonly text: string;
}

/** One import of a file: static, re-exported or dynamic. */
export interface Import {
  readonly source: string;
  readonly isDynamic: boolean;
  /** Erased by the compiler. */
  readonly isTypeOnly: boolean;
}

export function sourceFiles(): SourceFile[] {
  return readdirSync(`${ROOT}packages`).flatMap((name) =>
    readdirSync(`${ROOT}packages/${name}/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => {
        const path = `packages/${name}/src/${file}`;
        return { path, package: name, text: readFileSync(`${ROOT}${path}`, "utf8") };
      }),
  );
}

export function importsOf({ path, text }: Pick<SourceFile, "path" | "text">): Import[] {
  const { module } = parseSync(path, text);
  const imports = module.staticImports.map(({ moduleRequest, entries }) => ({
    source: moduleRequest.value,
    isDynamic: false,
    isTypeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
  }));
  const exports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ source: moduleRequest.value, isDynamic: false, isTypeOnly: isType }] : [],
    ),
  );
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    source: text.slice(start + 1, end - 1),
    isDynamic: true,
    isTypeOnly: false,
  }));
  return [...imports, ...exports, ...dynamic];
}

/** Names that a pure file may not speak: clocks, chance, timers, the world outside, and what depends on the locale. */
const IMPURE_NAMES = new Set([
  ...["Date", "performance", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "process", "console"],
  ...["fetch", "globalThis", "crypto", "require", "Intl", "localeCompare", "WebSocket", "navigator", "window"],
  ...["toLocaleString", "toLocaleUpperCase", "toLocaleLowerCase", "Promise", "WeakRef", "FinalizationRegistry"],
]);

/** Functions of Math whose results every machine agrees on, to the last bit; the others may be approximated. */
const EXACT_MATH = new Set(["imul", "floor", "ceil", "round", "trunc", "min", "max", "abs", "sign", "clz32", "sqrt"]);

/** What makes this text impure, in words; empty if it is pure. @param pure packages that are pure themselves */
export function impuritiesOf(
  { path, text }: Pick<SourceFile, "path" | "text">,
  pure: readonly string[] = [],
): string[] {
  const found = importsOf({ path, text })
    .filter(({ source }) => !source.startsWith(".") && !pure.includes(source))
    .map(({ source }) => `imports ${source}`);
  const visitor = new Visitor({
    Identifier: ({ name }) => {
      if (IMPURE_NAMES.has(name)) found.push(`uses ${name}`);
    },
    MemberExpression: ({ object, property }) => {
      const isMath = "name" in object && object.name === "Math" && property.type === "Identifier";
      if (isMath && !EXACT_MATH.has(property.name)) found.push(`uses Math.${property.name}`);
    },
    AwaitExpression: () => {
      found.push("awaits");
    },
  });
  visitor.visit(parseSync(path, text).program);
  return found;
}
