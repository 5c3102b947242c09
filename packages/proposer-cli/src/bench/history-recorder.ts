import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Asked } from "./workload.js";

/** Lines are gathered up to so many characters: a write for each would be what is measured. */
const GATHERED = 256 * 1024;

/** How an operation ended: done, certainly not done, or nobody knows. */
export type Ending = { readonly type: "ok"; readonly value: string | null } | { readonly type: "fail" | "info" };

/**
 * Writes what clients did as a history of the register model (docs/histories.md): a line right before each call and right
 * after each return, in the one order in which this thread saw them.
 */
export class HistoryRecorder {
  readonly #path: string;
  readonly #file: number;
  /** Whether what the file held before is still there: it goes when there is something to put in its place. */
  #holdsOld = true;
  #lines: string[] = [];
  #length = 0;
  #failure: CommandFailure | null = null;

  /** @throws {CommandFailure} if the file cannot be written */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, "a");
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /** @param store where it happens: two stores have nothing to do with each other */
  invoke(process: string, store: string, { operation, key, value }: Asked): void {
    const written = operation === "put" ? { value } : {};
    this.#line({ process, type: "invoke", f: nameOf(operation), key: `${store}/${key}`, ...written });
  }

  close(process: string, store: string, { operation, key, value }: Asked, ending: Ending): void {
    const said = ending.type === "ok" ? { value: operation === "put" ? value : ending.value } : {};
    this.#line({ process, type: ending.type, f: nameOf(operation), key: `${store}/${key}`, ...said });
  }

  /** @throws {CommandFailure} if something could not be written: then the history is worth nothing */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * Writes what is left. Operations that are open stay open: nobody knows what became of them.
   *
   * @throws {CommandFailure} if something could not be written
   */
  end(): void {
    this.#flush();
    closeSync(this.#file);
    this.throwIfFailed();
  }

  #line(fields: object): void {
    const line = `${JSON.stringify(fields)}\n`;
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#length >= GATHERED) this.#flush();
  }

  /** Called in the middle of an answer, where nobody could make anything of a failure: it is kept for later. */
  #flush(): void {
    if (this.#lines.length === 0) return;
    const text = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    this.#length = 0;
    try {
      // A pipe or a terminal holds nothing, and cannot be cut.
      if (this.#holdsOld && fstatSync(this.#file).isFile()) ftruncateSync(this.#file, 0);
      this.#holdsOld = false;
      for (let at = 0; at < text.length && !this.#failure; ) at += writeSync(this.#file, text, at);
    } catch (error) {
      this.#failure = this.#unwritable(error);
    }
  }

  #unwritable(error: unknown): CommandFailure {
    const message = `${this.#path} cannot be written: ${(error as Error).message}`;
    return new CommandFailure(ExitCode.failure, "unwritable", message);
  }
}

function nameOf(operation: Asked["operation"]): "write" | "read" {
  return operation === "put" ? "write" : "read";
}
