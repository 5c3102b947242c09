import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { completingTo, Prompt } from "../src/terminal/prompt.ts";
import { Terminal } from "../src/terminal/terminal.ts";
import { until } from "./process-stage.ts";

const COLUMNS = 20;

/** What somebody sees on a terminal of so many columns, of what the prompt uses of one. */
class Screen {
  readonly isTTY = true;
  readonly columns = COLUMNS;
  #lines: string[] = [""];
  #row = 0;
  #column = 0;

  get text(): string {
    return this.#lines.join("\n").trimEnd();
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor is a control sequence.
    for (const [piece, count, act] of text.matchAll(/\u001b\[(\d*)([A-Z])|./gs)) {
      if (act !== undefined) this.#obey(act, Number(count || 1));
      else if (piece === "\n") this.#goTo(this.#row + 1, 0);
      else if (piece === "\r") this.#column = 0;
      else this.#put(piece);
    }
  }

  #obey(act: string, count: number): void {
    if (act === "A") this.#goTo(Math.max(0, this.#row - count), this.#column);
    else if (act === "B") this.#goTo(this.#row + count, this.#column);
    else if (act === "C") this.#column += count;
    else if (act === "G") this.#column = count - 1;
    else if (act === "J") this.#lines = [...this.#lines.slice(0, this.#row), this.#line.slice(0, this.#column)];
    else throw new Error(`this screen does not know ${act}`);
  }

  #put(character: string): void {
    if (this.#column === COLUMNS) this.#goTo(this.#row + 1, 0);
    const line = this.#line.padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column++;
  }

  #goTo(row: number, column: number): void {
    while (this.#lines.length <= row) this.#lines.push("");
    this.#row = row;
    this.#column = column;
  }

  get #line(): string {
    return this.#lines[this.#row] ?? "";
  }
}

/** A prompt on a screen, and the keys that it is typed with. */
function sitDown() {
  const screen = new Screen();
  const stdin = Object.assign(new Readable({ read() {} }), { isTTY: true, setRawMode: () => stdin });
  const never = new AbortController().signal;
  const surroundings = { stdin, stdout: screen, stderr: screen, env: {}, interrupted: never, outputClosed: never };
  const prompt = new Prompt(new Terminal(surroundings, { json: false, color: false }), {
    name: "me> ",
    complete: completingTo([]),
  });
  return { screen, stdin, prompt };
}

test("what is told while a line is typed that takes several rows is seen, all of it, above that line", async () => {
  const { screen, stdin, prompt } = sitDown();
  const ended = prompt.read(() => {});
  const typed = "a line of more than two rows, not yet sent";
  stdin.push(typed);
  await until(() => screen.text.replaceAll("\n", "") === `me> ${typed}`, "what is typed");
  const told = ["one", "two", "three, of two rows, too", "four"];
  for (const line of told) prompt.tell(line);
  const seen = screen.text.split("\n");
  expect(seen.slice(0, 5)).toEqual(["one", "two", "three, of two rows, ", "too", "four"]);
  expect(seen.slice(5).join("")).toBe(`me> ${typed}`);
  prompt.rename("you> ");
  expect(screen.text.split("\n").slice(0, 5)).toEqual(seen.slice(0, 5));
  prompt.close();
  await ended;
});

test.each([
  ["Ctrl-C in the midst of a line", "half a li\u0003", "me> half a li\nnext"],
  ["Ctrl-D", "\u0004", "me>\nnext"],
  ["a line that closes it", "exit\r", "me> exit\nnext"],
])("what comes after the prompt has a line of its own: %s", async (_, keys, seen) => {
  const { screen, stdin, prompt } = sitDown();
  const ended = prompt.read(() => prompt.close());
  stdin.push(keys);
  await ended;
  prompt.tell("next");
  expect(screen.text.replace(/ +$/gm, "")).toBe(seen);
});

test("what comes after a question that is not answered has a line of its own", async () => {
  const { screen, stdin, prompt } = sitDown();
  prompt.askSecret("Password: ");
  const ended = prompt.read(() => {});
  stdin.push("half a secr\u0003");
  await ended;
  prompt.tell("next");
  expect(screen.text.replace(/ +$/gm, "")).toBe("Password:\nnext");
});
