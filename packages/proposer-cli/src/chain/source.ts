import type { MapPage } from "./map-pages.js";
import type { RecordLine } from "./record-lines.js";

/** Where a chain comes from: a server, or the files of one. */
export interface ChainSource {
  /** The server's name, such as `server1`. */
  readonly name: string;
  /** Its address, or its file. */
  readonly place: string;
  /** As `isProof` takes it. */
  readonly difficulty: number;
  /** How many blocks it holds at the moment. */
  height(): Promise<number>;
  /** Its blocks from this height on, as it holds them at the moment; perhaps more than the limit. */
  lines(from: number, limit?: number): AsyncGenerator<readonly RecordLine[]>;
  /** The map that it holds; empty if it holds none. */
  pages(): Promise<readonly MapPage[]>;
  /** Whether blocks may be added while one reads. */
  readonly isLive: boolean;
  /** What it means that the last record has no end: a problem, or a remark that is none. */
  readonly unfinished: { readonly isProblem: boolean; readonly what: string };
}
