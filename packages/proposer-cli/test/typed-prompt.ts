import type { ChildProcess } from "node:child_process";
import { until } from "./process-stage.ts";

/** A prompt in a process of its own, that is written to through a pipe. */
export class Typed {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";

  constructor(child: ChildProcess) {
    this.process = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // What is typed to a process that is gone goes nowhere.
    child.stdin?.on("error", () => {});
  }

  type(...lines: string[]): void {
    this.process.stdin?.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Waits until it has printed this, after everything that it had printed before the line was typed. */
  async says(line: string, ...awaited: (string | RegExp)[]): Promise<string> {
    const from = this.stdout.length;
    this.type(line);
    for (const text of awaited) {
      const isSaid = () =>
        typeof text === "string" ? this.stdout.slice(from).includes(text) : text.test(this.stdout.slice(from));
      await until(isSaid, `${line}: ${text}`).catch((error) => {
        throw new Error(`${error.message}, but ${this.stdout.slice(from)}${this.stderr}`);
      });
    }
    return this.stdout.slice(from);
  }
}

/** Types the line again and again, until it prints this: what is told of the others takes its time. */
export async function eventually(
  prompt: Typed,
  line: string,
  text: string | RegExp,
  end: string | RegExp = "\n",
): Promise<string> {
  const patience = performance.now() + 30_000;
  for (;;) {
    const said = await prompt.says(line, end);
    if (typeof text === "string" ? said.includes(text) : text.test(said)) return said;
    if (performance.now() > patience)
      throw new Error(`${line} does not print ${text}, but ${prompt.stdout}${prompt.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
