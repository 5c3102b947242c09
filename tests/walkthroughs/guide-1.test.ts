import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "../source-tree.js";
import { CHAPTERS, PARTS, pasteChapters } from "./guide-stage.js";

test("the guide names its chapters, in their order, and each is pasted in one part", () => {
  const named = [...readFileSync(`${ROOT}docs/guide/README.md`, "utf8").matchAll(/\]\((\d\d-[^)]+)\)/g)];
  expect(named.map(([, file]) => file)).toEqual(CHAPTERS);
  const pasted = PARTS.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, more) => first + more));
  expect(pasted).toEqual(CHAPTERS.map((_, place) => place + 1));
});

pasteChapters(PARTS[0]);
