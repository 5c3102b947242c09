import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const MODULE = new URL("../dist/cluster/compile-sooner.js", import.meta.url).href;
const isNode20 = process.versions.v8.startsWith("11.");

/** What V8 says while a small function runs some thousand times, after this. */
function saysAfter(first: string): string {
  const often = "const next = (one) => one + 1; let sum = 0; for (let n = 0; n < 5000; n++) sum = next(sum);";
  const words = ["--trace-opt", "--input-type=module", "--eval", `${first}; ${often}`];
  return execFileSync(process.execPath, words, { encoding: "utf8" });
}

test.skipIf(!isNode20)(
  "what a node runs some thousand times is compiled for speed, which V8 by itself would not do yet",
  () => {
    const sooner = `const { compileSooner } = await import(${JSON.stringify(MODULE)}); compileSooner()`;
    expect(saysAfter(sooner)).toMatch(/marking .*next/);
    expect(saysAfter("")).not.toMatch(/marking .*next/);
  },
);

test("where V8 knows no such number, nothing is said of it", () => {
  const other = `Object.defineProperty(process.versions, "v8", { value: "12.4" })`;
  const sooner = `${other}; const { compileSooner } = await import(${JSON.stringify(MODULE)}); compileSooner()`;
  expect(saysAfter(sooner)).not.toMatch(/marking .*next|unrecognized/);
});
