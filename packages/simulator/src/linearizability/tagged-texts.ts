import type { Effect } from "./effect.js";
import { boundary } from "./states.js";

/** What one operation wrote. */
interface Written {
  readonly text: string;
  /** Of the operation. */
  readonly number: number;
  readonly isPut: boolean;
}

/** Where a write stands in what was seen: at the end of so many characters of this text. */
interface Place {
  readonly text: string;
  readonly length: number;
}

/** What one text that was seen tells of those who wrote it. */
interface Decoded {
  /** It begins with a put, and not with what was there at first. */
  readonly isPut: boolean;
  /** Numbers of the operations that wrote it, in their order. */
  readonly writers: readonly number[];
}

/**
 * What was put and appended, where every text was written once and none begins another: as in histories that are
 * recorded in order to be checked. Whoever sees a text then sees who wrote it, in which order.
 */
export class TaggedTexts {
  /** Texts that were observed and that no order of these operations leads to. */
  readonly impossible = new Set<string>();
  /** Pairs of texts that were observed and that contradict each other: they have one write in two places. */
  readonly contradictions: (readonly [string, string])[] = [];
  /** By number of the operation: its place, if it was observed. */
  readonly #places = new Map<number, Place>();
  /** In the order of their code units. */
  readonly #written: readonly Written[];
  readonly #decoded = new Map<string, Decoded>();

  private constructor(written: readonly Written[], observed: readonly string[]) {
    this.#written = written;
    this.#decodeAll([...new Set(observed)].sort());
  }

  /** Null if the texts of these operations do not tell who wrote them. */
  static of(effects: readonly Effect[]): TaggedTexts | null {
    const written = effects.flatMap((effect, number) => {
      if (effect.kind === "append") return [{ text: effect.text, number, isPut: false }];
      return effect.kind === "assign" ? [{ text: effect.state, number, isPut: true }] : [];
    });
    written.sort((one, other) => (one.text < other.text ? -1 : 1));
    // In this order a text stands right before those that it begins.
    const isTagged = written.every(({ text }, index) => text !== "" && !written[index + 1]?.text.startsWith(text));
    if (!isTagged) return null;
    const observed = effects.flatMap((effect) => (effect.kind === "observe" ? [effect.state] : []));
    return new TaggedTexts(written, observed);
  }

  /**
   * A text seen, marked with where it began: what was put is never the beginning of what grew from the first state, nor
   * the other way round; and what nothing leads to is the beginning of neither.
   */
  marked(text: string): string {
    const decoded = this.#decoded.get(text) ?? this.#decode(text, [], 0);
    return decoded ? this.markedAs(text, decoded.isPut) : `!${text}`;
  }

  markedAs(text: string, isPut: boolean): string {
    return `${isPut ? "p" : "i"}${text}`;
  }

  /** Who wrote a text that was observed. */
  writersOf(text: string): readonly number[] {
    return this.#decoded.get(text)?.writers ?? [];
  }

  /** What was there right after this operation, as far as anybody observed it; marked. */
  placeOf(number: number): string | null {
    const place = this.#places.get(number);
    return place === undefined ? null : this.marked(place.text).slice(0, place.length + 1);
  }

  /** In their order, each shares its beginning with the one before, and that need not be decoded twice. */
  #decodeAll(texts: readonly string[]): void {
    let before = "";
    let ends: number[] = [];
    let writers: number[] = [];
    for (const text of texts) {
      const shared = sharedBeginning(before, text);
      const kept = boundary(0, ends.length, (index) => (ends[index] ?? 0) > shared);
      ends = ends.slice(0, kept);
      writers = writers.slice(0, kept);
      const decoded = this.#decode(text, writers, ends.at(-1) ?? 0);
      before = text;
      if (decoded === null) {
        this.impossible.add(text);
        continue;
      }
      this.#decoded.set(text, decoded);
      for (const number of decoded.writers.slice(kept)) ends.push(this.#settle(number, text, ends.at(-1) ?? 0));
      writers = [...decoded.writers];
    }
  }

  /** Notes where a write stands; it stands nowhere else. Returns where it ends. */
  #settle(number: number, text: string, from: number): number {
    const known = this.#places.get(number);
    const length = from + this.#lengthAt(text, from);
    if (known) this.contradictions.push([known.text, text]);
    else this.#places.set(number, { text, length });
    return length;
  }

  #lengthAt(text: string, from: number): number {
    return this.#writtenAt(text, from)?.text.length ?? 0;
  }

  #decode(text: string, begun: readonly number[], from: number): Decoded | null {
    const writers = [...begun];
    for (let at = from; at < text.length; ) {
      const next = this.#writtenAt(text, at);
      if (next === undefined || (next.isPut && at > 0)) return null;
      writers.push(next.number);
      at += next.text.length;
    }
    return { isPut: this.#writtenAt(text, 0)?.isPut === true, writers };
  }

  /** The one written text that stands there: the last that is not greater, since none begins another. */
  #writtenAt(text: string, at: number): Written | undefined {
    const after = boundary(0, this.#written.length, (index) => {
      const { text: written } = this.#written[index] ?? { text: "" };
      return written > text.slice(at, at + written.length);
    });
    const candidate = this.#written[after - 1];
    return candidate && text.startsWith(candidate.text, at) ? candidate : undefined;
  }
}

function sharedBeginning(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
