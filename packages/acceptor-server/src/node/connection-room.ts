import { readFileSync } from "node:fs";

/** Where nobody says how many files a process may have open, connections are bounded as if it were so many. */
const USUAL_FILES = 10_000;
/** Files that are kept free for journals, logs and connections to other nodes: a quarter, and no more than this. */
const MOST_KEPT_FREE = 512;
/** Connections that each port has room for whatever the others hold: a sixteenth of all files, and no more than this. */
const MOST_OF_ITS_OWN = 256;
/** Ports of one process: a node has four roles at most. */
const PORTS = 4;

/**
 * Room for connections in one process. Its ports share it: each connection is a file, and a process that has no file left
 * can neither reach other nodes nor write a checkpoint. A part of it belongs to each port alone, so that people who open
 * thousands at a gateway cannot shut out the nodes that come to the acceptor of the same process.
 */
export class ConnectionRoom {
  /** Files that the process may have open. */
  readonly files: number;
  readonly #ofEachPort: number;
  readonly #shared: number;
  #open = 0;

  constructor(files: number) {
    this.files = files;
    this.#ofEachPort = Math.min(Math.floor(files / 16), MOST_OF_ITS_OWN);
    const keptFree = Math.min(Math.floor(files / 4), MOST_KEPT_FREE);
    this.#shared = files - keptFree - PORTS * this.#ofEachPort;
  }

  /** Connections that one port can have at most, while the others have few. */
  get ofOnePort(): number {
    return this.#shared + this.#ofEachPort;
  }

  /** Whether there is room for one more at a port that has so many. */
  isLeft(open: number): boolean {
    return open < this.#ofEachPort || this.#open < this.#shared;
  }

  enter(): void {
    this.#open++;
  }

  leave(): void {
    this.#open--;
  }
}

/** The room of this process. */
export const CONNECTION_ROOM = new ConnectionRoom(filesAllowed());

/** How many files this process may have open; Node has raised its soft limit to the hard one. */
function filesAllowed(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? USUAL_FILES : Number(soft);
  } catch {
    // Only Linux has that file.
    return USUAL_FILES;
  }
}
