import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readHistory } from "../../src/linearizability/history-reader.ts";
import { check } from "./history-lines.ts";

/** Beside the repository, where they are: histories of real systems, with what another checker says of them. */
const FOLDER = fileURLToPath(new URL("../../../../../shared/histories/", import.meta.url));

const isThere = existsSync(`${FOLDER}verdicts.tsv`);

const verdicts = isThere
  ? readFileSync(`${FOLDER}verdicts.tsv`, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("\t"))
  : [];

describe.skipIf(!isThere)("recorded histories get the verdict that is known of them", () => {
  test("there are 24 of them", () => {
    expect(verdicts).toHaveLength(24);
  });

  test.each(isThere ? verdicts : [["none", ""]])("%s is a %s", (file = "", verdict = "") => {
    const model = file.startsWith("kv-") ? "key-value" : "register";
    const report = check(readHistory(model, readFileSync(`${FOLDER}${file}`, "utf8")));
    expect(report.verdict).toBe(verdict);
    expect(report.violation?.breach.isFirst ?? true).toBe(true);
    // So few that the size of a history says nothing about the time it takes.
    expect(Math.max(...report.keys.map(({ steps }) => steps))).toBeLessThan(10_000);
  });
});
