import type { NodeId } from "../core/participant.js";
import type { Slot } from "../log/messages.js";
import type { ReadSnapshot, SnapshotPiece } from "./messages.js";

/** A peer's snapshot on its way, piece by piece. */
export class SnapshotFetch {
  readonly peer: NodeId;
  readonly through: Slot;
  readonly #count: number;
  readonly #pieces: string[] = [];

  constructor(peer: NodeId, through: Slot, count: number) {
    this.peer = peer;
    this.through = through;
    this.#count = count;
  }

  /** The question for the piece that is missing. */
  get question(): ReadSnapshot {
    return { type: "read-snapshot", through: this.through, piece: this.#pieces.length };
  }

  /** All pieces, once they are there; else null. */
  get whole(): readonly string[] | null {
    return this.#pieces.length === this.#count ? this.#pieces : null;
  }

  /** Takes a piece. @returns whether it was the one that was asked for; `gone`: the peer no longer has this snapshot */
  take(from: NodeId, { through, piece, pieces, text }: SnapshotPiece): "taken" | "stray" | "gone" {
    if (from !== this.peer || through !== this.through || piece !== this.#pieces.length) return "stray";
    if (text === null || pieces !== this.#count) return "gone";
    this.#pieces.push(text);
    return "taken";
  }
}
