import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { sampleHistory } from "@synod/simulator";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { linesOf, runCommand } from "./run-command.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "synod-history-"));
  const made = folder;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

const WRITE = [
  '{"process":1,"type":"invoke","f":"write","value":1}',
  '{"process":1,"type":"ok","f":"write","value":1}',
];
const read = (value: number) => [
  '{"process":2,"type":"invoke","f":"read","value":null}',
  `{"process":2,"type":"ok","f":"read","value":${value}}`,
];
const GOOD = [...WRITE, ...read(1)].join("\n");
const BAD = [...WRITE, ...read(2)].join("\n");

/** Fifty clients, one key, three texts: more orders than anybody can try. */
const HARD = sampleHistory({ seed: 7, model: "key-value", operations: 400, clients: 50, keys: 1, values: 3 }).join(
  "\n",
);

function fileOf(text: string | Uint8Array, name = "run.jsonl"): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function checkHistory(model: string, ...words: string[]) {
  return runCommand("synod", ["check", "history", "--model", model, ...words]);
}

describe("the verdict", () => {
  test("a linearizable history: exit 0, one line", async () => {
    const { exitCode, stdout, stderr } = await checkHistory("register", fileOf(GOOD));
    expect(linesOf(stdout)).toEqual([
      "LINEARIZABLE: there is an order that explains every result (2 operations, 2 processes, 1 key, register).",
    ]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  test("a violation: exit 6, with what is fine, what is not, why, and a picture", async () => {
    const { exitCode, stdout } = await checkHistory("register", fileOf(BAD));
    expect(linesOf(stdout)).toEqual([
      "VIOLATION: no order explains every result (2 operations, 2 processes, 1 key, register).",
      "",
      "Up to line 3 the object is fine: the one operation that returns by then can be ordered, for instance so.",
      "  write 1 by process 1 (lines 1-2)",
      "",
      "Read by process 2 (lines 3-4) returned 2, but at no moment between its call and its return can the object have held that.",
      "  it can only have held 1",
      "  nothing in this history writes 2",
      "",
      "  process 1  |- write 1 -|",
      "  process 2               |= read: 2 =|  <- this one",
    ]);
    expect(exitCode).toBe(6);
  });

  test("an empty history is linearizable", async () => {
    const { exitCode, stdout } = await checkHistory("register", fileOf(""));
    expect(stdout).toContain("LINEARIZABLE");
    expect(exitCode).toBe(0);
  });

  test("time that runs out: unknown, exit 7, which key and what to do", async () => {
    const { exitCode, stdout } = await checkHistory("key-value", fileOf(HARD), "--timeout", "20ms");
    expect(linesOf(stdout)).toEqual([
      expect.stringContaining("UNKNOWN: no order was found, and not every order was tried (400 operations"),
      '  undecided: key "k0" (400 operations, time ran out)',
      "  More can be given with --timeout and --memory; shorter histories with fewer clients are easier.",
    ]);
    expect(exitCode).toBe(7);
  });

  test("memory that runs out: unknown, exit 7", async () => {
    const { exitCode, stdout } = await checkHistory("key-value", fileOf(HARD), "--memory", "1", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "unknown", keys: [{ limit: "memory" }] });
    expect(exitCode).toBe(7);
  });

  test("of several broken keys all are named, and the first is explained", async () => {
    const events = ["late", "early"].flatMap((key, client) => [
      `{"process":${client},"type":"invoke","f":"read","key":"${key}"}`,
    ]);
    const returns = [1, 0].map((client) => `{"process":${client},"type":"ok","f":"read","value":9}`);
    const { stdout } = await checkHistory("register", fileOf([...events, ...returns].join("\n")));
    expect(stdout).toContain('Up to line 2 key "early" is fine: nothing returns by then.');
    expect(linesOf(stdout).at(-1)).toBe('Also broken: key "late" (line 4)');
  });
});

describe("where the history comes from", () => {
  test.each([[[]], [["-"]]])("stdin, with the words %j", async (words) => {
    const { exitCode } = await runCommand("synod", ["check", "history", "--model", "register", ...words], {
      stdin: Buffer.from(BAD),
    });
    expect(exitCode).toBe(6);
  });

  test("no name is no file, and not stdin either", async () => {
    const { exitCode, stderr } = await runCommand("synod", ["check", "history", "", "--model", "register"], {
      stdin: Buffer.from(GOOD),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot be read");
  });

  test("a terminal is no history: exit 2, and what to name", async () => {
    const stdin = Object.assign(Readable.from([]), { isTTY: true });
    const { exitCode, stderr } = await runCommand("synod", ["check", "history", "--model", "register"], { stdin });
    expect(stderr).toContain("name a file with a history, or send one to stdin");
    expect(exitCode).toBe(2);
  });

  test("pieces may end anywhere, within a line and within a character", async () => {
    const text = Buffer.from(GOOD.replaceAll('"value":1', '"value":"\u00e9\u4e2d"'));
    const pieces = Array.from(text, (_, at) => text.subarray(at, at + 1));
    const { exitCode } = await runCommand("synod", ["check", "history", "--model", "register"], {
      stdin: Readable.from(pieces),
    });
    expect(exitCode).toBe(0);
  });

  test("the byte order mark and line ends of Windows are no part of it", async () => {
    expect((await checkHistory("register", fileOf(`\ufeff${BAD.replaceAll("\n", "\r\n")}\r\n`))).exitCode).toBe(6);
  });

  test("a string may hold what other programs take for the end of a line", async () => {
    expect((await checkHistory("register", fileOf(GOOD.replaceAll('"value":1', '"value":"\u2028"')))).exitCode).toBe(0);
  });

  test("a malformed history: exit 1, with file and line", async () => {
    const file = fileOf(`${GOOD}\n{"process":3,"type":"ok","f":"read"}`);
    const { exitCode, stdout, stderr } = await checkHistory("register", file, "--json");
    expect(stderr).toBe(`synod: ${file}:5: process 3 returns from read, but has no open call\n`);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "malformed-history", exitCode: 1 } });
    expect(exitCode).toBe(1);
  });

  test.each([
    ["a file that is not there", () => path.join(folder, "nothing")],
    ["a folder", () => folder],
    ["bytes that are no text", () => fileOf(Uint8Array.of(0x7b, 0xff, 0xfe))],
  ])("%s cannot be read: exit 1", async (_, file) => {
    const { exitCode, stderr } = await checkHistory("register", file());
    expect(stderr).toContain("cannot be read: ");
    expect(exitCode).toBe(1);
  });
});

describe("the command line", () => {
  test.each([
    [[], "missing: --model"],
    [["--model", "regster"], 'model must be one of "register", "key-value", not "regster"'],
    [["--model", "register", "--timeout", "soon"], "--timeout must be a time"],
    [["--model", "register", "--memory", "0"], "--memory must be a whole number"],
    [["--model", "register", "--html", ""], "--html is empty"],
    [["--model", "register", "one", "two"], "Unknown argument: two"],
  ])("%j: exit 2", async (words, complaint) => {
    const { exitCode, stderr } = await runCommand("synod", ["check", "history", ...words]);
    expect(stderr).toContain(complaint);
    expect(exitCode).toBe(2);
  });

  test("interrupted while it reads or searches: exit 130", async () => {
    const interruption = new AbortController();
    const never = new Readable({ read: () => setTimeout(() => interruption.abort(), 10) });
    const options = { stdin: never, interrupted: interruption.signal };
    expect((await runCommand("synod", ["check", "history", "--model", "register"], options)).exitCode).toBe(130);
    const later = new AbortController();
    setTimeout(() => later.abort(), 50);
    const words = ["check", "history", "--model", "key-value", fileOf(HARD), "--html", path.join(folder, "page.html")];
    expect((await runCommand("synod", words, { interrupted: later.signal })).exitCode).toBe(130);
    expect(readdirSync(folder)).toEqual(["run.jsonl"]);
  });

  test("a long check says on stderr how far it is", async () => {
    const { stdout, stderr } = await checkHistory("key-value", fileOf(HARD), "--timeout", "1500ms");
    expect(stderr).toMatch(/^looking for an order: 0 of 1 keys done, \d+ steps so far\n/);
    expect(stdout).not.toContain("looking for");
  });
});

test("--json gives the verdict and all that was found out as one document", async () => {
  const { stdout } = await checkHistory("register", fileOf(BAD), "--json");
  const written = { process: 1, action: "write 1", result: null, callLine: 1, returnLine: 2 };
  expect(JSON.parse(stdout)).toEqual({
    verdict: "violation",
    model: "register",
    operations: 2,
    processes: 2,
    steps: 0,
    keys: [{ key: null, operations: 2, verdict: "violation", limit: null, steps: 0, brokenOnLine: 4 }],
    violation: {
      key: null,
      culprit: { process: 2, action: "read", result: "2", callLine: 3, returnLine: 4 },
      isFirst: true,
      fine: { untilLine: 3, operations: 1, order: [written] },
      claim: expect.stringContaining("returned 2, but at no moment"),
      instead: "it can only have held 1",
      reasons: ["nothing in this history writes 2"],
      possibleValues: [1],
      possibleValuesAreAll: true,
      concurrent: [],
    },
    warnings: [],
  });
});

describe("--html", () => {
  test.each([
    ["linearizable", GOOD],
    ["violation", BAD],
  ])("writes a page, also for a verdict of %s", async (verdict, text) => {
    const page = path.join(folder, "page.html");
    const { stdout } = await checkHistory("register", fileOf(text), "--html", page);
    expect(readFileSync(page, "utf8")).toContain(`<span class="${verdict}">`);
    expect(stdout).toContain(verdict.toUpperCase());
    expect(readdirSync(folder).sort()).toEqual(["page.html", "run.jsonl"]);
  });

  test("a page that was there stays as it is if the history is malformed", async () => {
    const page = fileOf("old", "page.html");
    expect((await checkHistory("register", fileOf("nonsense"), "--html", page)).exitCode).toBe(1);
    expect(readFileSync(page, "utf8")).toBe("old");
    expect(existsSync(`${page}.draft`)).toBe(false);
  });

  test("where it cannot be written, that is said before the work begins", async () => {
    mkdirSync(path.join(folder, "taken"));
    for (const page of [path.join(folder, "taken"), path.join(folder, "nowhere", "page.html")]) {
      const { exitCode, stdout, stderr } = await checkHistory("register", fileOf(BAD), "--html", page);
      expect(stderr).toContain(`synod: ${page} cannot be written: `);
      expect(stdout).toBe("");
      expect(exitCode).toBe(1);
    }
  });
});

describe("what nobody can have meant", () => {
  test("a page in the place of the history is refused, and the history stays what it was", async () => {
    const file = fileOf(GOOD);
    const { exitCode, stderr } = await checkHistory("register", file, "--html", file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--html would overwrite the history");
    expect(readFileSync(file, "utf8")).toBe(GOOD);
  });

  test("an empty history is linearizable, with a warning that nothing was checked", async () => {
    const { exitCode, stderr } = await checkHistory("register", fileOf(""));
    expect(exitCode).toBe(0);
    expect(stderr).toContain("warning: the history is empty: nothing was checked");
  });
});
