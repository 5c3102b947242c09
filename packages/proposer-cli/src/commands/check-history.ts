import { existsSync, realpathSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { CheckProgress, CheckReport, History, ModelName } from "@synod/simulator";
import { historyDocument } from "../history-document.js";
import { readHistoryFile, STDIN } from "../history-file.js";
import { historyLines } from "../history-text.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, name, text, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { openWholeFile, type WholeFile } from "../whole-file.js";

/** Kept here too, so that a misspelt one is refused before anything is loaded. */
const MODELS: readonly ModelName[] = ["register", "key-value"];

const MEBIBYTE = 2 ** 20;

/** An explanation that is not found by then is not worth the wait: the verdict is known. */
const MOST_TO_EXPLAIN_MS = 10_000;

/** After a second somebody may wonder; then half as often each time. */
const FIRST_NOTE_MS = 1000;

export const checkHistoryCommand: Command = {
  usage: "check history [file]",
  summary: "Say whether a recorded history is linearizable; exits 6 if it is not, 7 if time or memory ran out",
  examples: [
    ["synod check history run.jsonl --model register", "the verdict, and where and why it breaks"],
    ["synod check history run.jsonl --model key-value --html run.html", "a page with a picture of all intervals"],
    ["cat run.jsonl | synod check history --model register --json | jq -r .verdict", "from stdin, for a program"],
  ],
  positionals: { file: { type: "string", describe: "The history, one event a line (docs/histories.md); - is stdin" } },
  options: {
    model: {
      type: "string",
      demandOption: true,
      describe: "What was recorded: register (read, write, cas) or key-value (get, put, append)",
      choices: MODELS,
      coerce: text("--model"),
    },
    timeout: {
      type: "string",
      default: "60s",
      describe: "How long to look for an order; explaining a violation may take as long again, up to 10s",
      coerce: duration("--timeout"),
    },
    memory: {
      type: "string",
      default: "512",
      describe: "How many MiB a search may take for what it remembers",
      coerce: wholeNumber("--memory", 1, 65_536),
    },
    html: { type: "string", describe: "Also write a page that stands alone to this file", coerce: name("--html") },
  },
  run: async (args, terminal) => {
    const html = args["html"] as string | undefined;
    if (html !== undefined && isSameFile(html, args["file"] as string | undefined)) {
      throw new UsageError("--html would overwrite the history: name another file");
    }
    const page = html === undefined ? null : openWholeFile(html);
    try {
      return await check(args, terminal, page);
    } finally {
      page?.abandon();
    }
  },
};

function isSameFile(one: string, other: string | undefined): boolean {
  if (!other || !existsSync(one) || !existsSync(other)) return false;
  return realpathSync(one) === realpathSync(other);
}

async function check(args: Arguments, terminal: Terminal, page: WholeFile | null): Promise<Result> {
  const file = (args["file"] as string | undefined) ?? STDIN;
  const history = await readHistoryFile(file, args["model"] as ModelName, terminal);
  if (history.operationCount === 0) terminal.warn("the history is empty: nothing was checked");
  const simulator = await import("@synod/simulator");
  const report = await search(history, args, terminal);
  page?.write(simulator.historyPage(history, report, file === STDIN ? "stdin" : file));
  for (const line of historyLines(simulator, history, report, terminal.colors)) terminal.line(line);
  const document = { ...historyDocument(simulator, history, report), warnings: terminal.warnings };
  return { exitCode: EXIT_CODES[report.verdict], document };
}

const EXIT_CODES: Readonly<Record<CheckReport["verdict"], ExitCode>> = {
  linearizable: ExitCode.done,
  violation: ExitCode.safetyViolated,
  unknown: ExitCode.outcomeUnknown,
};

/** Runs the check in pieces, so that an interruption is heard and the time is kept. */
async function search(history: History, args: Arguments, terminal: Terminal): Promise<CheckReport> {
  const { checkHistory } = await import("@synod/simulator");
  const computation = checkHistory(history, { memoryBytes: (args["memory"] as number) * MEBIBYTE });
  const watch = new Watch(args["timeout"] as number, terminal);
  let next = computation.next("go on");
  while (!next.done) {
    await setImmediate();
    terminal.interrupted.throwIfAborted();
    next = computation.next(watch.hasTime(next.value) ? "go on" : "stop");
  }
  return next.value;
}

/** Keeps the time of a check, and says now and then how far it is. */
class Watch {
  readonly #timeoutMs: number;
  readonly #terminal: Terminal;
  readonly #begin = performance.now();
  #phase: CheckProgress["phase"] = "search";
  #phaseBegin = this.#begin;
  #nextNoteMs = FIRST_NOTE_MS;

  constructor(timeoutMs: number, terminal: Terminal) {
    this.#timeoutMs = timeoutMs;
    this.#terminal = terminal;
  }

  hasTime(progress: CheckProgress): boolean {
    const now = performance.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#phaseBegin = now;
    }
    if (now - this.#begin >= this.#nextNoteMs) {
      this.#nextNoteMs *= 2;
      this.#terminal.note(wordsOf(progress));
    }
    const mostMs = this.#phase === "search" ? this.#timeoutMs : Math.min(this.#timeoutMs, MOST_TO_EXPLAIN_MS);
    return now - this.#phaseBegin < mostMs;
  }
}

function wordsOf({ phase, keysDone, keyCount, steps }: CheckProgress): string {
  if (phase === "explain") return `a violation: looking for what explains it, ${steps} steps so far`;
  return `looking for an order: ${keysDone} of ${keyCount} keys done, ${steps} steps so far`;
}
