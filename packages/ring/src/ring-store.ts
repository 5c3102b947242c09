import { compactedRingWrites, type RingWrite } from "@synod/consensus";
import {
  type HostStore,
  refuseOthers,
  STORE_FORMAT,
  type StoreHead,
  type StoreIdentity,
} from "@synod/replica-server/hosting";
import { type Journal, type OpenedJournal, openDiskJournal } from "@synod/storage";

interface Checkpoint extends StoreHead {
  readonly writes: readonly RingWrite[];
}

export interface OpenedRingStore {
  readonly store: RingStore;
  /** What earlier lives wrote, or what it comes to. */
  readonly writes: readonly RingWrite[];
}

/** A journal is replaced by a checkpoint once it has grown by this many bytes. */
const GROWTH = 64 * 1024;

/** The durable memory of a node of a ring: its elections, the ids that it used, what it promised and accepted. */
export class RingStore implements HostStore<RingWrite> {
  readonly #journal: Journal;
  readonly #identity: StoreIdentity;
  #writes: RingWrite[];

  private constructor(journal: Journal, identity: StoreIdentity, writes: readonly RingWrite[]) {
    this.#journal = journal;
    this.#identity = identity;
    this.#writes = [...writes];
  }

  /**
   * Opens the store in this folder, or makes it.
   *
   * @throws {JournalError} if the folder is locked, damaged or cannot be used
   * @throws {StoreRefused} if it holds the state of another node, or of one of another ring
   */
  static async onDisk(folder: string, identity: StoreIdentity): Promise<OpenedRingStore> {
    return RingStore.over(await openDiskJournal(folder, { initialState: encode(identity, []) }), folder, identity);
  }

  /** The store in an open journal, which is closed again if it is not this node's. @param place its name, for messages */
  static async over(opened: OpenedJournal, place: string, identity: StoreIdentity): Promise<OpenedRingStore> {
    try {
      const checkpoint: Checkpoint = decode(opened.state);
      refuseOthers(place, checkpoint, identity);
      const records = opened.records.flatMap((record) => decode<RingWrite[]>(record));
      const writes = compactedRingWrites([...checkpoint.writes, ...records]);
      return { store: new RingStore(opened.journal, identity, writes), writes };
    } catch (error) {
      await opened.journal.close();
      throw error;
    }
  }

  async persist(writes: readonly RingWrite[]): Promise<void> {
    this.#writes = compactedRingWrites([...this.#writes, ...writes]);
    if (this.#journal.bytesSinceCheckpoint > GROWTH)
      await this.#journal.checkpoint(encode(this.#identity, this.#writes));
    else await this.#journal.append(Buffer.from(JSON.stringify(writes)));
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

function encode(identity: StoreIdentity, writes: readonly RingWrite[]): Uint8Array {
  const checkpoint: Checkpoint = { format: STORE_FORMAT, identity, writes };
  return Buffer.from(JSON.stringify(checkpoint));
}

/** The journal vouches for every byte, so what does not parse was written by another program. */
function decode<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
}
