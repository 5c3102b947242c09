import { setMaxListeners } from "node:events";
import type { Readable } from "node:stream";
import { createColors } from "picocolors";

/** What a command may use of the process it runs in; a test gives it another one. */
export interface Surroundings {
  readonly stdin: Readable;
  /** Both take whole pieces of text; whether they are terminals decides about colour. */
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user interrupts. */
  readonly interrupted: AbortSignal;
  /** Aborted when nobody reads stdout any more (`| head`). */
  readonly outputClosed: AbortSignal;
}

interface TextSink {
  readonly isTTY?: boolean | undefined;
  /** How wide a terminal is. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Where a command's words go: data to stdout, prose to stderr. With `--json`, the lines of data are kept back, because
 * one document at the end says the same.
 */
export class Terminal {
  readonly env: Surroundings["env"];
  readonly stdin: Readable;
  readonly interrupted: AbortSignal;
  readonly outputClosed: AbortSignal;
  readonly json: boolean;
  readonly colors: ReturnType<typeof createColors>;
  readonly isTTY: boolean;
  /** Whether a line of prose can be written over. */
  readonly canRewrite: boolean;
  readonly #surroundings: Surroundings;
  readonly #warnings: string[] = [];

  constructor(surroundings: Surroundings, options: { json: boolean; color: boolean }) {
    const { env, stdin, stdout, stderr, interrupted, outputClosed } = surroundings;
    this.#surroundings = surroundings;
    this.env = env;
    this.stdin = stdin;
    this.interrupted = interrupted;
    // Every request that is under way listens to it: a pool may have many servers, and none of that is a leak.
    setMaxListeners(0, interrupted);
    this.outputClosed = outputClosed;
    this.json = options.json;
    this.isTTY = stdout.isTTY === true;
    this.canRewrite = stderr.isTTY === true && env["TERM"] !== "dumb";
    this.colors = createColors(this.isTTY && options.color && !env["NO_COLOR"] && env["TERM"] !== "dumb");
  }

  /** A line of data for people. */
  line(text = ""): void {
    if (!this.json) this.#surroundings.stdout.write(`${text}\n`);
  }

  /** Data for programs, printed as it is. */
  data(text: string): void {
    this.#surroundings.stdout.write(text);
  }

  /** Prose, progress: never data. */
  note(text: string): void {
    this.#surroundings.stderr.write(`${text}\n`);
  }

  /** Prose that is no whole line, such as a question. */
  prose(text: string): void {
    this.#surroundings.stderr.write(text);
  }

  /** Prose in the place of what was said this way before, where lines can be written over; the empty text leaves none. */
  rewrite(text: string): void {
    if (!this.canRewrite) return;
    const { stderr } = this.#surroundings;
    // A line that wraps could not be taken back.
    stderr.write(`\r\u001b[K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
  }

  /** How wide stdout is, if it is a terminal. */
  get columns(): number | undefined {
    return this.#surroundings.stdout.columns;
  }

  /** Something to know that is no failure; said once, and kept for the document. */
  warn(text: string): void {
    if (this.#warnings.includes(text)) return;
    this.#warnings.push(text);
    this.note(`warning: ${text}`);
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }
}
