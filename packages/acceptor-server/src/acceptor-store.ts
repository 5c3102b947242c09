import type { ServerIdentity } from "@synod/api";
import { type AcceptorState, type AcceptorWrite, applyAcceptorWrite, freshAcceptorState } from "@synod/consensus";
import {
  type Journal,
  MemoryDisk,
  type OpenedJournal,
  openDiskJournal,
  openMemoryJournal,
  type TornTail,
} from "@synod/storage";

/** A store that is sound, and yet not this server's, or not one that this version reads. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}

/** An acceptor's state as it was found on disk, and the journal to go on with. */
export interface OpenedStore {
  readonly store: AcceptorStore;
  readonly state: AcceptorState;
  readonly created: boolean;
  readonly tornTail: TornTail | null;
}

/** The version of what is written into the journal. A server reads this one and no other. */
const FORMAT = 1;
/** A journal is replaced by a checkpoint once it has grown by this many bytes, ... */
const LEAST_GROWTH = 4 * 1024 * 1024;
/** ... and by this many times the last checkpoint, so that writing checkpoints never outweighs the records. */
const GROWTH_FACTOR = 2;

/** Characters in one record at most, about, so that a journal takes it however they are escaped, ... */
const RECORD_CHARACTERS = 8 * 1024 * 1024;
/** ... and those of a write beside its value. */
const WRITE_CHARACTERS = 128;

interface Checkpoint {
  readonly format: number;
  readonly identity: ServerIdentity;
  readonly state: AcceptorState;
}

/** The acceptor's durable memory: its writes and states as JSON in a journal, under the identity of its server. */
export class AcceptorStore {
  readonly #journal: Journal;
  readonly #identity: ServerIdentity;

  private constructor(journal: Journal, identity: ServerIdentity) {
    this.#journal = journal;
    this.#identity = identity;
  }

  /**
   * Opens the store in this folder, or makes it.
   *
   * @throws {JournalError} if the folder is locked, damaged or cannot be used
   * @throws {StoreRefused} if it holds another server's state
   */
  static async onDisk(folder: string, identity: ServerIdentity): Promise<OpenedStore> {
    const initialState = encodeCheckpoint(identity, freshAcceptorState());
    return AcceptorStore.over(await openDiskJournal(folder, { initialState }), folder, identity);
  }

  /** A store that forgets everything with its disk: for tests, and to measure what a real disk costs. */
  static async inMemory(identity: ServerIdentity, disk: MemoryDisk = new MemoryDisk()): Promise<OpenedStore> {
    const initialState = encodeCheckpoint(identity, freshAcceptorState());
    return AcceptorStore.over(await openMemoryJournal(disk, { initialState }), "memory", identity);
  }

  /** The store in an open journal, which is closed again if it is not this server's. @param place its name, for messages */
  static async over(opened: OpenedJournal, place: string, identity: ServerIdentity): Promise<OpenedStore> {
    try {
      const checkpoint = decode<Checkpoint>(opened.state);
      refuseOthers(place, checkpoint, identity);
      const { state } = checkpoint;
      for (const record of opened.records) {
        for (const write of decode<AcceptorWrite[]>(record)) applyAcceptorWrite(state, write);
      }
      const store = new AcceptorStore(opened.journal, identity);
      return { store, state, created: opened.created, tornTail: opened.tornTail };
    } catch (error) {
      await opened.journal.close();
      throw error;
    }
  }

  /** Whether it is time for a checkpoint in place of the next append. */
  get isDueForCheckpoint(): boolean {
    const { bytesSinceCheckpoint, checkpointBytes } = this.#journal;
    return bytesSinceCheckpoint > Math.max(LEAST_GROWTH, GROWTH_FACTOR * checkpointBytes);
  }

  /**
   * Makes these writes durable, with one fdatasync unless they are larger than a record. A crash may leave the first of
   * several records alone; nobody has an answer that rests on them by then.
   *
   * @throws {JournalError} and then takes no more
   */
  async append(writes: readonly AcceptorWrite[]): Promise<void> {
    for (const group of inRecords(writes)) await this.#journal.append(Buffer.from(JSON.stringify(group)));
  }

  /** Makes this state durable in place of everything written so far. @throws {JournalError} and then takes no more */
  checkpoint(state: AcceptorState): Promise<void> {
    return this.#journal.checkpoint(encodeCheckpoint(this.#identity, state));
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** Parts these writes, in their order, such that each part fits into a record. */
function inRecords(writes: readonly AcceptorWrite[]): readonly (readonly AcceptorWrite[])[] {
  const parts: AcceptorWrite[][] = [];
  let room = 0;
  for (const write of writes) {
    const characters = WRITE_CHARACTERS + (write.kind === "accepted" ? write.value.length : 0);
    const part = parts.at(-1);
    if (part && characters <= room) part.push(write);
    else {
      parts.push([write]);
      room = RECORD_CHARACTERS;
    }
    room -= characters;
  }
  return parts;
}

function encodeCheckpoint(identity: ServerIdentity, state: AcceptorState): Uint8Array {
  return Buffer.from(JSON.stringify({ format: FORMAT, identity, state } satisfies Checkpoint));
}

/** The journal vouches for every byte, so what does not parse was written by another program. */
function decode<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
}

function refuseOthers(place: string, { format, identity: found }: Checkpoint, wanted: ServerIdentity): void {
  if (format !== FORMAT)
    throw new StoreRefused(`${place} was written in format ${format}; this version reads ${FORMAT}`);
  const same =
    found.poolId === wanted.poolId && found.serverId === wanted.serverId && found.serverCount === wanted.serverCount;
  if (same) return;
  const describe = (one: ServerIdentity) => `server ${one.serverId} of ${one.serverCount} of pool ${one.poolId}`;
  throw new StoreRefused(
    `${place} holds the state of ${describe(found)}, and this is ${describe(wanted)}: ` +
      "an acceptor that answers from another's promises breaks consensus. Use that server's own folder (--home), or reset the pool.",
  );
}
