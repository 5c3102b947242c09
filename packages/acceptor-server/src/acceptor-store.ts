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
import {
  type CheckpointHead,
  decodeHead,
  decodeState,
  encodeCheckpoint,
  encodeCheckpointByTurns,
  READABLE_FORMATS,
} from "./checkpoint.js";
import { decodeRecord, encodeRecord } from "./records.js";

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

/** A journal is replaced by a checkpoint once it has grown by this many bytes, ... */
const LEAST_GROWTH = 16 * 1024 * 1024;
/** ... and by this many times the last checkpoint, so that writing checkpoints never outweighs the records. */
const GROWTH_FACTOR = 2;
/** A log that is truncated now and then may grow so many times as far, until it is. */
const PATIENCE = 2;
/**
 * Whoever writes a checkpoint answers nothing meanwhile, and all acceptors of a pool are told to truncate at the same moment.
 * So each lets its journal grow by so many bytes more than the one before it, and a majority always answers.
 */
const BYTES_A_TURN = 1024 * 1024;
/** So many turns, and no more, however many acceptors there are. */
const TURNS = 5;
/** What a journal takes as a checkpoint at most, in bytes. */
const LARGEST_CHECKPOINT = 2 ** 30;

/** Characters in one record at most, about, so that a journal takes it however they are escaped, ... */
const RECORD_CHARACTERS = 8 * 1024 * 1024;
/** ... and those of a write beside its value. */
const WRITE_CHARACTERS = 128;

/** The acceptor's durable memory: its writes and states as JSON in a journal, under the identity of its server. */
export class AcceptorStore {
  readonly #journal: Journal;
  readonly #identity: ServerIdentity;
  /** How much longer than others it waits with a checkpoint, in bytes of records. */
  readonly #turn: number;
  #leastGrowth = LEAST_GROWTH;
  /** A checkpoint is due when the journal has grown by so many bytes; null while it need not be. */
  #dueAt: number | null = null;

  private constructor(journal: Journal, identity: ServerIdentity) {
    this.#journal = journal;
    this.#identity = identity;
    this.#turn = ((identity.serverId - 1) % TURNS) * BYTES_A_TURN;
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
      const head = decodeHead(opened.state);
      refuseOthers(place, head, identity);
      const state = decodeState(opened.state, head);
      for (const record of opened.records) {
        for (const write of decodeRecord(record)) applyAcceptorWrite(state, write);
      }
      const store = new AcceptorStore(opened.journal, identity);
      return { store, state, created: opened.created, tornTail: opened.tornTail };
    } catch (error) {
      await opened.journal.close();
      throw error;
    }
  }

  /**
   * Makes these writes durable: by themselves, with one fdatasync unless they are larger than a record; or, once the
   * journal has grown enough, by a checkpoint of the state, which holds them already.
   *
   * A crash may leave the first of several records alone; nobody has an answer that rests on them by then.
   *
   * @throws {JournalError} and then takes no more
   */
  async persist(writes: readonly AcceptorWrite[], state: AcceptorState): Promise<void> {
    if (this.#isCheckpointDue(writes, state)) {
      const bytes = await encodeCheckpointByTurns(this.#identity, state);
      this.#dueAt = null;
      if (bytes.length <= LARGEST_CHECKPOINT) return this.#journal.checkpoint(bytes);
      // The records alone are as durable; they only take longer to read. Encoding is not tried again soon.
      this.#leastGrowth = GROWTH_FACTOR * this.#journal.bytesSinceCheckpoint;
    }
    for (const group of inRecords(writes)) await this.#journal.append(encodeRecord(group));
  }

  #isCheckpointDue(writes: readonly AcceptorWrite[], state: AcceptorState): boolean {
    const { bytesSinceCheckpoint, checkpointBytes } = this.#journal;
    const most = Math.max(this.#leastGrowth, GROWTH_FACTOR * checkpointBytes);
    if (bytesSinceCheckpoint <= most) return false;
    if (state.truncatedThrough === 0 || bytesSinceCheckpoint > most * PATIENCE + this.#turn) return true;
    // A state that was just truncated is at its smallest: then it costs least, and nobody waits long for it.
    if (writes.some(({ kind }) => kind === "truncated")) this.#dueAt ??= bytesSinceCheckpoint + this.#turn;
    return this.#dueAt !== null && bytesSinceCheckpoint >= this.#dueAt;
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

function refuseOthers(place: string, { format, identity: found }: CheckpointHead, wanted: ServerIdentity): void {
  if (!READABLE_FORMATS.includes(format))
    throw new StoreRefused(
      `${place} was written in format ${format}; this version reads ${READABLE_FORMATS.join(" and ")}`,
    );
  const same =
    found.poolId === wanted.poolId && found.serverId === wanted.serverId && found.serverCount === wanted.serverCount;
  if (same) return;
  const describe = (one: ServerIdentity) => `server ${one.serverId} of ${one.serverCount} of pool ${one.poolId}`;
  throw new StoreRefused(
    `${place} holds the state of ${describe(found)}, and this is ${describe(wanted)}: ` +
      "an acceptor that answers from another's promises breaks consensus. Use that server's own folder (--home), or reset the pool.",
  );
}
