import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { Writable } from "node:stream";
import type { Terminal } from "./terminal.js";

/** What Tab makes of what is typed: the part of it at the end that is completed, and what that can become. */
export interface Completion {
  readonly part: string;
  readonly becomes: readonly string[];
}

/** Lines that were typed in earlier runs, and where those of this one are kept. */
export interface PromptHistory {
  /** The newest first. */
  readonly lines: readonly string[];
  /** Whether this one may be kept: not if it may hold a secret. */
  keeps(line: string): boolean;
  /** Keeps a line. */
  remember(line: string): void;
}

export interface PromptOptions {
  /** What stands before what is typed. */
  readonly name: string;
  readonly complete: (typed: string) => Completion | Promise<Completion>;
  readonly history?: PromptHistory;
}

/** Completes a whole line to one of these. */
export function completingTo(lines: readonly string[]): PromptOptions["complete"] {
  return (typed) => ({ part: typed, becomes: lines.filter((line) => line.startsWith(typed)) });
}

/**
 * Lines that a person types, or that come from a file or a pipe. On a terminal they can be edited, the arrows bring back
 * older ones, and Tab completes; what is told meanwhile does not get mixed up with what is being typed.
 */
export class Prompt {
  /** Whether somebody types; else nobody is shown a prompt. */
  readonly isInteractive: boolean;
  readonly #terminal: Terminal;
  readonly #options: PromptOptions;
  readonly #readline: Interface;
  readonly #output: Writable;
  /** Ends with Ctrl-C, which a terminal in this state makes no signal of, and with an interruption. */
  readonly #interrupted = new AbortController();
  #isOpen = true;
  /** Whether what is typed, or asked, is the last thing on the terminal: its line has no end yet. */
  #isInLine = false;
  /** What is asked, while nobody is to see the answer; null: what is typed is seen. */
  #secretQuestion: string | null = null;

  constructor(terminal: Terminal, options: PromptOptions) {
    const { stdin } = terminal;
    this.#terminal = terminal;
    this.#options = options;
    this.isInteractive = terminal.isTTY && "isTTY" in stdin && stdin.isTTY === true;
    this.#output = outputOf(terminal, () => this.#secretQuestion === null);
    this.#readline = this.isInteractive
      ? createInterface({
          ...{ input: stdin, output: this.#output, terminal: true, prompt: options.name },
          ...{ history: [...(options.history?.lines ?? [])], historySize: 1000, removeHistoryDuplicates: true },
          completer: (typed: string, done: Completed) => void this.#complete(typed, done),
        })
      : createInterface({ input: stdin, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
    this.#readline.on("history", (lines: string[]) => {
      if (!this.#isKept(lines[0] ?? "")) lines.shift();
    });
    this.#readline.on("SIGINT", () => this.#interrupted.abort());
    this.#readline.on("close", () => {
      this.#isOpen = false;
      // What comes next, be it the shell's own prompt, has a line of its own.
      if (this.#isInLine) this.#terminal.data("\n");
    });
    this.#interrupted.signal.addEventListener("abort", () => this.close(), { once: true });
    terminal.interrupted.addEventListener("abort", () => this.#interrupted.abort(), { once: true });
    if (terminal.interrupted.aborted) this.#interrupted.abort();
  }

  /** Aborted when the person at it wants no more of it (Ctrl-C). */
  get interrupted(): AbortSignal {
    return this.#interrupted.signal;
  }

  /** Hears each line, until there are no more: the input is at its end, or the prompt was closed. */
  read(onLine: (line: string) => void): Promise<void> {
    this.#readline.on("line", (line) => {
      // What came in one piece with the last line is still told.
      if (!this.#isOpen) return;
      this.#isInLine = false;
      // Nobody saw the end of the line, either.
      if (this.#secretQuestion !== null && this.isInteractive) this.#terminal.data("\n");
      else if (this.isInteractive && line.trim() !== "" && this.#isKept(line)) this.#options.history?.remember(line);
      onLine(line);
      this.#show();
    });
    this.#show();
    if (!this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#readline.once("close", resolve));
  }

  /** From now on this stands before what is typed. */
  rename(name: string): void {
    if (name === this.#readline.getPrompt()) return;
    this.#besides(() => this.#readline.setPrompt(name));
  }

  /** The next lines answer this question: nobody sees them typed, and they are not kept. Null: lines are seen again. */
  askSecret(question: string | null): void {
    this.#secretQuestion = question;
  }

  /** A line of data. */
  tell(text: string): void {
    this.#besides(() => this.#terminal.data(`${text}\n`));
  }

  /** Prose. */
  note(text: string): void {
    this.#besides(() => this.#terminal.note(text));
  }

  /** Takes no more lines. */
  close(): void {
    if (this.#isOpen) this.#readline.close();
  }

  #isKept(line: string): boolean {
    return this.#secretQuestion === null && (this.#options.history?.keeps(line) ?? true);
  }

  async #complete(typed: string, done: Completed): Promise<void> {
    const none: Completion = { part: typed, becomes: [] };
    const { part, becomes } = this.#secretQuestion === null ? await this.#options.complete(typed) : none;
    if (this.#isOpen) done(null, [[...becomes], part]);
  }

  /** Writes something above the line that is being typed. */
  #besides(write: () => void): void {
    if (!this.isInteractive || !this.#isOpen) {
      write();
      return;
    }
    const question = this.#secretQuestion;
    // What takes the line away is seen; what is typed in it, of a secret, is not.
    this.#secretQuestion = null;
    if (question === null) moveCursor(this.#output, 0, -this.#readline.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    forgetRows(this.#readline);
    write();
    this.#secretQuestion = question;
    // The line begins anew here: readline would go up by the rows that it had, over what was just written.
    Object.assign(this.#readline, { prevRows: 0 });
    this.#show();
  }

  #show(): void {
    if (!this.isInteractive || !this.#isOpen) return;
    this.#isInLine = true;
    if (this.#secretQuestion === null) this.#readline.prompt(true);
    else this.#terminal.data(this.#secretQuestion);
  }
}

/**
 * Readline draws a line anew from as many rows further up as it had when it was last drawn. Of a line that was taken away there
 * are none: the rows above are what was written in its place.
 */
function forgetRows(readline: Interface): void {
  (readline as Interface & { prevRows: number }).prevRows = 0;
}

type Completed = (error: null, result: [string[], string]) => void;

/** Stdout as readline takes it. @param isSeen whether what readline writes is to be seen at the moment */
function outputOf(terminal: Terminal, isSeen: () => boolean): Writable {
  const output = new Writable({
    write(piece: Buffer, _encoding, done) {
      if (isSeen()) terminal.data(piece.toString("utf8"));
      done();
    },
  });
  return Object.defineProperty(output, "columns", { get: () => terminal.columns ?? 80 });
}
