import type { LearnerWrite } from "@synod/consensus";
import { type Journal, type OpenedJournal, openDiskJournal } from "@synod/storage";
import type { HostStore } from "../host/group-commit.js";
import { refuseOthers, STORE_FORMAT, type StoreHead, type StoreIdentity } from "./role-identity.js";

/** The first line of a snapshot: whose it is, and what follows. */
export interface SnapshotHead extends StoreHead {
  /** The last slot that the snapshot holds; 0 for none, before the first. */
  readonly through: number;
  readonly pieces: number;
}

export interface OpenedLearnerStore {
  readonly store: LearnerStore;
  /** The last snapshot, if there is one. */
  readonly writes: readonly LearnerWrite[];
  readonly created: boolean;
}

const LINE_FEED = 0x0a;

/**
 * A learner's last snapshot: the checkpoint of a journal that has no records. A line of JSON says what it is, then comes
 * a line for each piece. By lines, because a state may be larger than the longest string there is (about 512 MiB). A
 * journal takes 1 GiB: a larger state stops the learner, which says so.
 */
export class LearnerStore implements HostStore<LearnerWrite> {
  readonly #journal: Journal;
  readonly #identity: StoreIdentity;

  private constructor(journal: Journal, identity: StoreIdentity) {
    this.#journal = journal;
    this.#identity = identity;
  }

  /**
   * Opens the store in this folder, or makes it.
   *
   * @throws {JournalError} if the folder is locked, damaged or cannot be used
   * @throws {StoreRefused} if it holds the state of another role or cluster
   */
  static async onDisk(folder: string, identity: StoreIdentity): Promise<OpenedLearnerStore> {
    const initialState = encode(identity, null);
    return LearnerStore.over(await openDiskJournal(folder, { initialState }), folder, identity);
  }

  /** The store in an open journal, which is closed again if it is not this role's. @param place its name, for messages */
  static async over(opened: OpenedJournal, place: string, identity: StoreIdentity): Promise<OpenedLearnerStore> {
    try {
      const { head, pieces } = snapshotIn(opened.state);
      refuseOthers(place, head, identity);
      const writes: LearnerWrite[] = head.through === 0 ? [] : [{ kind: "snapshot", through: head.through, pieces }];
      return { store: new LearnerStore(opened.journal, identity), writes, created: opened.created };
    } catch (error) {
      await opened.journal.close();
      throw error;
    }
  }

  async persist(writes: readonly LearnerWrite[]): Promise<void> {
    const last = writes.at(-1);
    // Each snapshot holds what the ones before it do.
    if (last) await this.#journal.checkpoint(encode(this.#identity, last));
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

function encode(identity: StoreIdentity, snapshot: LearnerWrite | null): Uint8Array {
  const { through, pieces } = snapshot ?? { through: 0, pieces: [] };
  const head: SnapshotHead = { format: STORE_FORMAT, identity, through, pieces: pieces.length };
  const lineFeed = Buffer.of(LINE_FEED);
  return Buffer.concat([
    Buffer.from(JSON.stringify(head)),
    ...pieces.flatMap((piece) => [lineFeed, Buffer.from(piece)]),
  ]);
}

/** What the state of a learner's journal says. @throws {SyntaxError} if it is none */
export function snapshotIn(state: Uint8Array): { readonly head: SnapshotHead; readonly pieces: readonly string[] } {
  const [first, ...pieces] = linesOf(state);
  return { head: JSON.parse(first ?? ""), pieces };
}

function linesOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: string[] = [];
  for (let at = 0; at <= buffer.length; ) {
    const found = buffer.indexOf(LINE_FEED, at);
    const end = found < 0 ? buffer.length : found;
    lines.push(buffer.toString("utf8", at, end));
    at = end + 1;
  }
  return lines;
}
