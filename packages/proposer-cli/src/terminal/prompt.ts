import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { Writable } from "node:stream";
import type { Terminal } from "./terminal.js";

export interface PromptOptions {
  /** What stands before what is typed. */
  readonly name: string;
  /** What Tab completes a line to. */
  readonly lines: readonly string[];
}

/**
 * Lines that a person types, or that come from a file or a pipe. On a terminal they can be edited, the arrows bring back
 * older ones, and Tab completes; what is told meanwhile does not get mixed up with what is being typed.
 */
export class Prompt {
  /** Whether somebody types; else nobody is shown a prompt. */
  readonly isInteractive: boolean;
  readonly #terminal: Terminal;
  readonly #readline: Interface;
  readonly #output: Writable;
  /** Ends with Ctrl-C, which a terminal in this state makes no signal of, and with an interruption. */
  readonly #interrupted = new AbortController();
  #isOpen = true;

  constructor(terminal: Terminal, { name, lines }: PromptOptions) {
    const { stdin } = terminal;
    this.#terminal = terminal;
    this.isInteractive = terminal.isTTY && "isTTY" in stdin && stdin.isTTY === true;
    this.#output = outputOf(terminal);
    this.#readline = this.isInteractive
      ? createInterface({
          ...{ input: stdin, output: this.#output, terminal: true, prompt: name },
          completer: (typed: string) => [lines.filter((line) => line.startsWith(typed)), typed],
        })
      : createInterface({ input: stdin, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
    this.#readline.on("SIGINT", () => this.#interrupted.abort());
    this.#readline.on("close", () => {
      this.#isOpen = false;
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
      onLine(line);
      this.#show();
    });
    this.#show();
    if (!this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#readline.once("close", resolve));
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

  /** Writes something above the line that is being typed. */
  #besides(write: () => void): void {
    if (!this.isInteractive || !this.#isOpen) {
      write();
      return;
    }
    moveCursor(this.#output, 0, -this.#readline.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    write();
    this.#show();
  }

  #show(): void {
    if (this.isInteractive && this.#isOpen) this.#readline.prompt(true);
  }
}

/**
 * Takes lines, one after the other, until one says that it is the last, or there are no more.
 *
 * @param take carries a line out; @returns whether that was the last one
 * @returns whether one was
 */
export async function takeInTurn(prompt: Prompt, take: (line: string) => Promise<boolean>): Promise<boolean> {
  let isOver = false;
  let doing = Promise.resolve();
  const takeNext = async (line: string) => {
    if (!isOver) isOver = await take(line);
    if (isOver) prompt.close();
  };
  await prompt.read((line) => {
    doing = doing.then(() => takeNext(line));
  });
  await doing;
  return isOver;
}

/** Stdout as readline takes it. */
function outputOf(terminal: Terminal): Writable {
  const output = new Writable({
    write(piece: Buffer, _encoding, done) {
      terminal.data(piece.toString("utf8"));
      done();
    },
  });
  return Object.defineProperty(output, "columns", { get: () => terminal.columns ?? 80 });
}
