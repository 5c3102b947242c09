import { applyProposerWrite, freshProposerState, type ProposerWrite } from "@synod/consensus";
import { type Journal, type OpenedJournal, openDiskJournal } from "@synod/storage";
import type { HostStore } from "../host/group-commit.js";
import { refuseOthers, STORE_FORMAT, type StoreHead, type StoreIdentity } from "./role-identity.js";

/** What a checkpoint holds: all that outlives a proposer's crash is the highest id that it used. */
interface Checkpoint extends StoreHead {
  readonly highestUsedId: number;
}

export interface OpenedProposerStore {
  readonly store: ProposerStore;
  /** What earlier lives wrote, or what it comes to. */
  readonly writes: readonly ProposerWrite[];
  readonly created: boolean;
}

/** A journal is replaced by a checkpoint once it has grown by this many bytes: some hundred elections. */
const GROWTH = 16 * 1024;

/** The ids that a proposer has used, durable before the first message that carries them: none is ever used twice. */
export class ProposerStore implements HostStore<ProposerWrite> {
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
  static async onDisk(folder: string, identity: StoreIdentity): Promise<OpenedProposerStore> {
    const initialState = encode(identity, freshProposerState().highestUsedId);
    return ProposerStore.over(await openDiskJournal(folder, { initialState }), folder, identity);
  }

  /** The store in an open journal, which is closed again if it is not this role's. @param place its name, for messages */
  static async over(opened: OpenedJournal, place: string, identity: StoreIdentity): Promise<OpenedProposerStore> {
    try {
      const checkpoint: Checkpoint = decode(opened.state);
      refuseOthers(place, checkpoint, identity);
      const { highestUsedId } = checkpoint;
      const before: ProposerWrite[] = highestUsedId < 0 ? [] : [{ kind: "proposing", id: highestUsedId }];
      const writes = [...before, ...opened.records.flatMap((record) => decode<ProposerWrite[]>(record))];
      // Shows what was written by another program, before anybody relies on it.
      writes.reduce(applyProposerWrite, freshProposerState());
      return { store: new ProposerStore(opened.journal, identity), writes, created: opened.created };
    } catch (error) {
      await opened.journal.close();
      throw error;
    }
  }

  async persist(writes: readonly ProposerWrite[]): Promise<void> {
    const last = writes.at(-1);
    if (last === undefined) return;
    if (this.#journal.bytesSinceCheckpoint > GROWTH) await this.#journal.checkpoint(encode(this.#identity, last.id));
    else await this.#journal.append(Buffer.from(JSON.stringify(writes)));
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

function encode(identity: StoreIdentity, highestUsedId: number): Uint8Array {
  const checkpoint: Checkpoint = { format: STORE_FORMAT, identity, highestUsedId };
  return Buffer.from(JSON.stringify(checkpoint));
}

/** The journal vouches for every byte, so what does not parse was written by another program. */
function decode<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
}
