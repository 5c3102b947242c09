import { describe, expect, test } from "vitest";
import { checkHistory } from "../../src/linearizability/check.ts";
import { type History, readHistory } from "../../src/linearizability/history-reader.ts";
import { intervalPicture } from "../../src/linearizability/interval-picture.ts";
import { historyPage } from "../../src/linearizability/page.ts";
import { runToEnd } from "../../src/linearizability/pausing.ts";
import { sampleHistory } from "../../src/linearizability/sample-history.ts";
import { check, history } from "./history-lines.ts";

const STALE = [
  "1 invoke write 1",
  "1 ok write",
  "2 invoke write 2",
  "3 invoke read",
  "2 ok write",
  "3 ok read 1",
  "4 invoke read",
  "1 invoke write 3",
  "4 ok read 1",
];

function pictureOf(checked: History, columns?: number): string[] {
  const { violation } = check(checked);
  if (!violation) throw new Error("no violation was found");
  return intervalPicture(violation.history.operations, violation.breach.culprit, columns);
}

describe("the picture in the terminal", () => {
  test("one row a process, a bar from call to return, and the culprit marked", () => {
    expect(pictureOf(history("register", ...STALE))).toEqual([
      "process 1  |- write 1 -|               |- write 3 ->",
      "process 2               |- write 2 -|",
      "process 3                |- read: 1 -|",
      "process 4                             |= read: 1 =|  <- this one",
    ]);
  });

  test("a process that goes on after an operation of unknown outcome has a row more for that", () => {
    const events = [
      "1 invoke write 1",
      "1 info write",
      "1 invoke write 2",
      "1 ok write",
      "2 invoke read",
      "2 ok read 3",
    ];
    expect(pictureOf(history("register", ...events))).toEqual([
      "process 1  |-------- write 1 --------->",
      "process 1   |- write 2 -|",
      "process 2                |= read: 3 =|  <- this one",
    ]);
  });

  test("an operation that is over before another is called ends before that begins", () => {
    const [first = "", second = ""] = pictureOf(history("register", ...STALE));
    expect(first.indexOf("|", 12)).toBeLessThan(second.indexOf("|"));
  });

  test("a narrow terminal sees less of what was before, and all of the culprit", () => {
    const lines = pictureOf(history("register", ...STALE), 50);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(50);
    expect(lines.join("\n")).toContain("|= read: 1 =|  <- this one");
  });

  test("a history with thousands of operations is drawn around its culprit", () => {
    const text = sampleHistory({
      seed: 1,
      model: "key-value",
      operations: 3000,
      clients: 50,
      keys: 1,
      values: 0,
      stalePerThousand: 10,
    }).join("\n");
    const lines = pictureOf(readHistory("key-value", text));
    expect(lines.length).toBeLessThan(30);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(110);
    expect(lines.filter((line) => line.endsWith("<- this one"))).toHaveLength(1);
  });

  test("names that would play tricks are escaped", () => {
    const text = `{"process":"\\u001b[2J","type":"invoke","f":"read"}
{"process":"\\u001b[2J","type":"ok","f":"read","value":"\\u4e2d"}`;
    const [line = ""] = pictureOf(readHistory("register", text));
    expect(line).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe("the page", () => {
  const pageOf = (checked: History) => historyPage(checked, check(checked), "run.jsonl");

  test("of a violation shows what was found out, the intervals and the culprit", () => {
    const page = pageOf(history("register", ...STALE));
    expect(page).toContain('<h1><span class="violation">Not linearizable</span>: run.jsonl</h1>');
    expect(page).toContain("Read by process 4 (lines 7-9) returned 1, but at no moment");
    expect(page).toContain("<li>write 1 by process 1 (lines 1-2) was overwritten: ");
    expect(page.match(/<rect class="culprit"/g)).toHaveLength(1);
    expect(page.match(/<rect /g)).toHaveLength(5);
    expect(page).toContain(">1. write 1</text>");
  });

  test("of a linearizable history shows the order, and the state after each operation", () => {
    const page = pageOf(history("register", "1 invoke write 1", "1 ok write", "2 invoke read", "2 ok read 1"));
    expect(page).toContain('<span class="linearizable">Linearizable</span>');
    expect(page).toContain("<summary>The order that was found</summary>");
    expect(page).toContain('<li>read by process 2 (lines 3-4): 1 <span class="dim">leaves 1</span></li>');
  });

  test("of a history that could not be decided says what ran out", () => {
    const text = sampleHistory({ seed: 7, model: "key-value", operations: 400, clients: 50, keys: 1, values: 3 }).join(
      "\n",
    );
    const read = readHistory("key-value", text);
    const report = runToEnd(checkHistory(read, { memoryBytes: 2 ** 16 }));
    expect(historyPage(read, report, "x")).toContain("<td>Unknown</td><td>memory ran out</td>");
  });

  test("of an empty history is a page", () => {
    expect(pageOf(history("register"))).toContain("0 operations, 0 processes, 0 keys");
  });

  test("asks nothing of any network, and runs nothing", () => {
    const page = pageOf(history("register", ...STALE));
    expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import| src=| href="[^#]/);
    expect(page).toContain("default-src 'none'");
  });

  test("values, keys and names of files may hold markup, which stays text", () => {
    const evil = "</title><script>alert(1)</script>\"'&";
    const quoted = JSON.stringify(evil);
    const lines = [
      `{"process":${quoted},"type":"invoke","f":"append","key":${quoted},"value":${quoted}}`,
      `{"process":${quoted},"type":"ok","f":"append"}`,
      `{"process":${quoted},"type":"invoke","f":"get","key":${quoted}}`,
      `{"process":${quoted},"type":"ok","f":"get","value":""}`,
    ];
    for (const text of [lines.join("\n"), lines.slice(0, 2).join("\n")]) {
      const read = readHistory("key-value", text);
      const page = historyPage(read, check(read), evil);
      expect(page).not.toMatch(/<script|alert\(1\)<\/script>/);
      expect(page).toContain("&lt;script&gt;");
    }
  });

  test("of thousands of operations draws at most a thousand, the culprit among them", () => {
    const text = sampleHistory({
      seed: 1,
      model: "register",
      operations: 5000,
      clients: 50,
      keys: 1,
      values: 0,
      stalePerThousand: 2,
    }).join("\n");
    const page = pageOf(readHistory("register", text));
    expect(page.match(/<rect /g)?.length).toBeLessThanOrEqual(1000);
    expect(page.match(/<rect class="culprit"/g)).toHaveLength(1);
    expect(page).toContain("operations that are further away are left out");
    expect(page.length).toBeLessThan(1_000_000);
  });
});
