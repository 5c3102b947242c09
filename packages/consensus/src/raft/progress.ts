import type { Index } from "./messages.js";

/**
 * What a leader knows of one follower's log (§3.5), and how it sends to it.
 *
 * `probing`: it looks for the place where the logs agree, one message at a time. `streaming`: they agree, and batches are on
 * their way behind each other (§10.2.2). `snapshot`: what comes next is no longer in the log (§5.3).
 */
export class Progress {
  mode: "probing" | "streaming" | "snapshot" = "probing";
  /** The next entry to send. */
  nextIndex: Index;
  /** The logs agree up to here, durably. */
  matchIndex: Index = 0;
  /** The last entries of the batches that are not answered. */
  #inFlight: Index[] = [];
  /** Of a probe or a piece of a snapshot: it is sent, and until the next tick nothing else is. */
  isWaiting = false;
  /** The snapshot that is being sent, and the piece that comes next. */
  snapshotIndex: Index = 0;
  nextPiece = 0;
  /** The commit index that it was told last. */
  toldCommitIndex: Index = 0;
  /** The highest number of a message that it answered. */
  heardSequence = 0;

  constructor(nextIndex: Index) {
    this.nextIndex = nextIndex;
  }

  get batchesInFlight(): number {
    return this.#inFlight.length;
  }

  /** A batch leaves. @param lastIndex its last entry */
  sent(lastIndex: Index): void {
    this.nextIndex = lastIndex + 1;
    this.#inFlight.push(lastIndex);
  }

  /** Its log is the leader's up to here. */
  matched(index: Index): void {
    this.matchIndex = Math.max(this.matchIndex, index);
    this.nextIndex = Math.max(this.nextIndex, this.matchIndex + 1);
    while ((this.#inFlight[0] ?? Number.POSITIVE_INFINITY) <= this.matchIndex) this.#inFlight.shift();
    this.isWaiting = false;
    if (this.mode !== "snapshot" || this.matchIndex >= this.snapshotIndex) this.mode = "streaming";
  }

  /** Something is missing there: what was sent since is void. */
  stepBack(nextIndex: Index): void {
    this.mode = "probing";
    this.isWaiting = false;
    this.#inFlight = [];
    // What it has acknowledged it has (§3.8): a late answer does not lead back behind it.
    this.nextIndex = Math.max(this.matchIndex + 1, nextIndex);
  }

  beginSnapshot(lastIndex: Index): void {
    this.mode = "snapshot";
    this.#inFlight = [];
    this.isWaiting = false;
    this.snapshotIndex = lastIndex;
    this.nextPiece = 0;
  }
}
