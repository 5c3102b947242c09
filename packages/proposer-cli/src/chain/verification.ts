import type { BlockProblem, ChainCheck } from "@synod/state-machines";
import type { Comparison } from "./agreement.js";
import { differencesOf, type MapPage } from "./map-pages.js";
import type { RecordLine } from "./record-lines.js";

/** The pure code that checks chains, loaded when it is needed. */
export type Machines = typeof import("@synod/state-machines");

/** Problems that are told one by one; of the others, how many there are. */
const MOST_PROBLEMS = 20;

/** Something that is wrong; `height` is null where it is not a block's. */
export interface ChainProblem extends Omit<BlockProblem, "height"> {
  readonly height: number | null;
}

/** What was found in one server's chain. */
export interface Verdict {
  readonly height: number;
  /** The hash of the last block, as it says it; null before the first. */
  readonly hash: string | null;
  /** Keys of the map that the chain spells. */
  readonly keys: number;
  /** The first of them. */
  readonly problems: readonly ChainProblem[];
  readonly problemCount: number;
  /** Whether somebody holds a map that goes with the chain: files have one in their last snapshot, once there is one. */
  readonly isMapThere: boolean;
  /** Whether that map was compared with what the chain spells. */
  readonly isMapCompared: boolean;
}

export interface VerificationOptions {
  readonly machines: Machines;
  readonly difficulty: number;
  /** The map that somebody holds, to be compared with what the chain spells. */
  readonly pages: readonly MapPage[];
  readonly comparison: Comparison;
}

/** Checks one chain, line by line: every block, the map at its height, and its likeness to the chains before it. */
export class Verification {
  readonly #machines: Machines;
  readonly #check: ChainCheck;
  readonly #comparison: Comparison;
  /** Those that are not compared yet, by height. */
  readonly #pages: MapPage[];
  readonly #isMapThere: boolean;
  readonly #problems: ChainProblem[] = [];
  #problemCount = 0;
  #isMapCompared: boolean;

  constructor({ machines, difficulty, pages, comparison }: VerificationOptions) {
    this.#machines = machines;
    this.#check = new machines.ChainCheck({ difficulty });
    this.#comparison = comparison;
    this.#pages = [...pages].sort((one, other) => one.height - other.height);
    this.#isMapThere = pages.length > 0;
    this.#isMapCompared = this.#isMapThere;
    this.#comparePages();
  }

  /** Blocks taken so far. */
  get height(): number {
    return this.#check.head.height;
  }

  /** The height up to which the chain must be known for the map to be compared. */
  get wantedHeight(): number {
    return this.#pages.at(-1)?.height ?? 0;
  }

  take(line: RecordLine): void {
    // No block: the check keeps its place.
    const found = this.#check.take(line.text ?? "");
    for (const problem of found) this.report(line.text === null ? { ...problem, what: line.why } : problem);
    const { height, hash } = this.#check.head;
    this.#comparison.take(height, hash);
    this.#comparePages();
  }

  report(problem: ChainProblem): void {
    this.#problemCount++;
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
  }

  end(): Verdict {
    const [beyond] = this.#pages;
    if (beyond) {
      this.#isMapCompared = false;
      this.report({ height: null, what: `the map is that of ${beyond.height} blocks, and there are ${this.height}` });
    }
    return {
      ...this.#check.head,
      keys: this.#check.map.size,
      problems: this.#problems,
      problemCount: this.#problemCount,
      isMapThere: this.#isMapThere,
      isMapCompared: this.#isMapCompared,
    };
  }

  #comparePages(): void {
    for (let page = this.#pages[0]; page && page.height <= this.height; page = this.#pages[0]) {
      this.#pages.shift();
      // What a broken chain spells is no measure for a map.
      if (!this.#check.isWhole || page.height < this.height) this.#isMapCompared = false;
      else this.#compare(page);
    }
  }

  #compare(page: MapPage): void {
    const { hash } = this.#check.head;
    for (const what of differencesOf(page, this.#check.map, hash, this.#machines.canonicalText)) {
      this.report({ height: page.height, what });
    }
  }
}
