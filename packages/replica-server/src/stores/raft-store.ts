import { applyRaftWrite, freshRaftState, type NodeId, type RaftState, type RaftWrite } from "@synod/consensus";
import { type Journal, type OpenedJournal, openDiskJournal } from "@synod/storage";
import type { HostStore } from "../host/group-commit.js";
import { decodeWrites, encodeWrites } from "./raft-records.js";
import { refuseOthers, STORE_FORMAT, type StoreHead, type StoreIdentity } from "./role-identity.js";

/** The first line of a checkpoint: whose it is, and where each part of the rest ends. */
interface CheckpointHead extends StoreHead {
  /** The members before the first entry of the log: what the cluster was made with. */
  readonly voters: readonly NodeId[];
  /** The length of each part, in bytes. The first are the pieces of the snapshot; the others are writes. */
  readonly parts: readonly number[];
  /** The snapshot without its pieces, and how many those are; null if there is none. */
  readonly snapshot: (Omit<Snapshot, "pieces"> & { readonly pieces: number }) | null;
}

type Snapshot = NonNullable<RaftState["snapshot"]>;

export interface OpenedRaftStore {
  readonly store: RaftStore;
  /** What earlier lives wrote, or what it comes to. */
  readonly writes: readonly RaftWrite[];
  /** What the cluster was made with: as in the store, whatever a topology says by now. */
  readonly voters: readonly NodeId[];
  readonly created: boolean;
}

export interface RaftStoreLimits {
  /** A journal is not replaced by a checkpoint before it has grown by so many bytes, ... */
  readonly growth: number;
  /** ... and by so many times what the last checkpoint has. */
  readonly growthFactor: number;
}

const LIMITS: RaftStoreLimits = { growth: 16 * 1024 * 1024, growthFactor: 2 };

/** The largest record, in bytes: as much as a journal takes, since one flush may hold all that a leader may have under way. */
const MOST_RECORD_BYTES = 1024 ** 3;

/** Entries in one part of a checkpoint, and the characters of their values. */
const ENTRIES_A_PART = 1000;
const CHARACTERS_A_PART = 4 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Term, vote, log and last snapshot of a Raft server: durable before anything is answered that rests on them. A journal of
 * writes, and a checkpoint of what they come to, with all entries that follow the snapshot.
 */
export class RaftStore implements HostStore<RaftWrite> {
  readonly #journal: Journal;
  readonly #identity: StoreIdentity;
  readonly #voters: readonly NodeId[];
  readonly #limits: RaftStoreLimits;
  /** What is durable, or is being made so. Entries that the snapshot holds are left out. */
  readonly #state: RaftState;
  #flushes = 0;

  private constructor(
    journal: Journal,
    { identity, voters }: Pick<CheckpointHead, "identity" | "voters">,
    state: RaftState,
    limits: RaftStoreLimits,
  ) {
    this.#journal = journal;
    this.#identity = identity;
    this.#voters = voters;
    this.#state = state;
    this.#limits = limits;
  }

  /**
   * Opens the store in this folder, or makes it.
   *
   * @param voters the members before the first entry of the log; counts only where the store is made
   * @throws {JournalError} if the folder is locked, damaged or cannot be used
   * @throws {StoreRefused} if it holds the state of another role or cluster
   */
  static async onDisk(folder: string, identity: StoreIdentity, voters: readonly NodeId[]): Promise<OpenedRaftStore> {
    const initialState = encodeCheckpoint({ identity, voters }, freshRaftState({ voters, nonVoters: [] }));
    const opened = await openDiskJournal(folder, { initialState, maxRecordBytes: MOST_RECORD_BYTES });
    return RaftStore.over(opened, folder, identity);
  }

  /** The store in an open journal, which is closed again if it is not this role's. @param place its name, for messages */
  static async over(
    opened: OpenedJournal,
    place: string,
    identity: StoreIdentity,
    limits: Partial<RaftStoreLimits> = {},
  ): Promise<OpenedRaftStore> {
    try {
      const { head, writes: before } = decodeCheckpoint(opened.state);
      refuseOthers(place, head, identity);
      const writes = [...before, ...opened.records.flatMap(decodeWrites)];
      const state = freshRaftState({ voters: head.voters, nonVoters: [] });
      // Shows what was written by another program, before anybody relies on it.
      for (const write of writes) take(state, write);
      const store = new RaftStore(opened.journal, head, state, { ...LIMITS, ...limits });
      return { store, writes, voters: head.voters, created: opened.created };
    } catch (error) {
      await opened.journal.close();
      throw error;
    }
  }

  /** How often writes were made durable, since this process has the store. */
  get flushes(): number {
    return this.#flushes;
  }

  async persist(writes: readonly RaftWrite[]): Promise<void> {
    for (const write of writes) take(this.#state, write);
    const { bytesSinceCheckpoint, checkpointBytes } = this.#journal;
    const { growth, growthFactor } = this.#limits;
    const isGrown = bytesSinceCheckpoint >= Math.max(growth, growthFactor * checkpointBytes);
    // A snapshot comes in place of most of what the journal has: written into it as a record, it would be written twice.
    if (isGrown || writes.some(({ kind }) => kind === "snapshot")) {
      await this.#journal.checkpoint(encodeCheckpoint({ identity: this.#identity, voters: this.#voters }, this.#state));
    } else await this.#journal.append(encodeWrites(writes));
    this.#flushes++;
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** Entries that the snapshot holds need not be kept here: the leader keeps some in memory, for followers that lag. */
function take(state: RaftState, write: RaftWrite): void {
  applyRaftWrite(state, write);
  if (write.kind !== "snapshot") return;
  state.log.forgetThrough(write.snapshot.lastIndex);
  state.configurations.forgetThrough(write.snapshot.lastIndex);
}

function encodeCheckpoint(whose: Pick<CheckpointHead, "identity" | "voters">, state: RaftState): Uint8Array {
  const { snapshot } = state;
  const pieces = snapshot?.pieces.map((piece) => Buffer.from(piece)) ?? [];
  const parts = [...pieces, ...partsOf(state)];
  const head: CheckpointHead = {
    format: STORE_FORMAT,
    ...whose,
    parts: parts.map(({ length }) => length),
    snapshot: snapshot && { ...snapshot, pieces: pieces.length },
  };
  return Buffer.concat([Buffer.from(JSON.stringify(head)), Buffer.of(LINE_FEED), ...parts]);
}

/** What a state has beside its snapshot, as writes. */
function partsOf({ term, votedFor, log }: RaftState): Buffer[] {
  const parts = term > 0 ? [encodeWrites([{ kind: "term", term, votedFor }])] : [];
  for (let from = log.firstIndex; from <= log.lastIndex; ) {
    const entries = log.slice(from, ENTRIES_A_PART, CHARACTERS_A_PART);
    parts.push(encodeWrites([{ kind: "entries", from, entries }]));
    from += entries.length;
  }
  return parts;
}

function decodeCheckpoint(state: Uint8Array): { head: CheckpointHead; writes: RaftWrite[] } {
  const bytes = Buffer.from(state.buffer, state.byteOffset, state.byteLength);
  const end = bytes.indexOf(LINE_FEED);
  const head: CheckpointHead = JSON.parse(bytes.toString("utf8", 0, end));
  let at = end + 1;
  const parts = head.parts.map((length) => {
    const part = bytes.subarray(at, at + length);
    at += length;
    return part;
  });
  const count = head.snapshot?.pieces ?? 0;
  const pieces = parts.slice(0, count).map((piece) => piece.toString("utf8"));
  const before: RaftWrite[] = head.snapshot ? [{ kind: "snapshot", snapshot: { ...head.snapshot, pieces } }] : [];
  return { head, writes: [...before, ...parts.slice(count).flatMap(decodeWrites)] };
}
