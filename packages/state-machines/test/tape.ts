import type { Json, StateMachine } from "../src/index.ts";
import { NotASnapshot, packRows, unpackRows } from "../src/index.ts";

/** Something that was carried out. */
export interface Mark {
  readonly slot: number;
  readonly text: string;
}

/** A machine that only writes down what it carries out: whatever happens twice is on it twice. An operation is a text. */
export class Tape implements StateMachine<string, Mark> {
  marks: Mark[] = [];

  parseOperation(value: Json): string | null {
    return typeof value === "string" ? value : null;
  }

  apply(slot: number, text: string) {
    const mark = { slot, text };
    this.marks.push(mark);
    return { result: { place: this.marks.length, text }, changes: [mark] };
  }

  read(): Json {
    return this.marks.map(({ text }) => text);
  }

  snapshot(): readonly string[] {
    return packRows(this.marks.map(({ slot, text }) => [slot, text]));
  }

  restore(pieces: readonly string[]): void {
    const marks = [...unpackRows(pieces)].map(([slot, text]) => {
      if (typeof slot !== "number" || typeof text !== "string") throw new NotASnapshot("no mark");
      return { slot, text };
    });
    this.marks = marks;
  }
}

/** A tape whose operations may share a slot: each touches itself alone, but those that end in "/x" all touch the same. */
export class SharedTape extends Tape {
  touches(text: string): string {
    return touchedBy(text);
  }
}

export function touchedBy(text: string): string {
  return text.endsWith("/x") ? "x" : text;
}
