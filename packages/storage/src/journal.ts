/**
 * The journal contract: what a participant's host needs of a disk, and nothing more.
 *
 * A journal is one checkpoint (the whole state at some moment) followed by the records appended since. It speaks bytes:
 * what they mean is the host's business. One `append` is one flush: the record of a flush is whole after a crash or
 * it is absent, and a record is never there without all records before it.
 *
 * Order of use: one `append` or `checkpoint` at a time. A host gathers what arrives meanwhile for the next one (group
 * commit), so that one fdatasync serves many requests. A call while another is under way, or after `close`, is a bug of
 * the host: it rejects with a plain `Error`, and harms nothing.
 */
export interface Journal {
  /** Size of the checkpoint's body, in bytes. */
  readonly checkpointBytes: number;
  /** Bytes of the records' bodies appended since the checkpoint: what a host weighs when it decides to make the next one. */
  readonly bytesSinceCheckpoint: number;
  /**
   * Makes one record durable. Resolves only once it is on disk: one write and one fdatasync. The bytes are taken before
   * this returns.
   *
   * @throws {RangeError} The record is larger than the journal takes. Nothing was written, and the journal goes on.
   * @throws {JournalError} `journal-failed`: nothing is known of this record, and the journal takes no more (a failed
   *   fsync cannot be asked again: the kernel may have dropped the pages; Rebello et al., "Can Applications Recover from
   *   fsync Failures?", USENIX ATC 2020).
   */
  append(record: Uint8Array): Promise<void>;
  /**
   * Replaces everything so far by this state, atomically: after a crash there is either all of the old journal or the
   * new checkpoint alone. The bytes must stay as they are until this resolves.
   *
   * @throws {RangeError} The state is larger than the journal takes. Nothing was written, and the journal goes on.
   * @throws {JournalError} `journal-failed`, as for `append`.
   */
  checkpoint(state: Uint8Array): Promise<void>;
  /** Lets go of the folder. Waits for what is under way; further calls do nothing. */
  close(): Promise<void>;
}

/** What opening a journal gives: the journal, and everything a participant's state is rebuilt from. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** True if there was no journal and one was made, holding the initial state. */
  readonly created: boolean;
  /** The body of the checkpoint. A view of what was read, as the records are: keeping one of them keeps all in memory. */
  readonly state: Uint8Array;
  /** The records appended since, oldest first. */
  readonly records: readonly Uint8Array[];
  /** A torn tail that was cut off: the last flush was under way at the crash, so nobody had an answer that rests on it. */
  readonly tornTail: TornTail | null;
}

/** Where an unfinished flush was found, and how many bytes of it were cleared. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

export type JournalErrorCode =
  /** Another process holds the folder. */
  | "journal-locked"
  /** A record that was once durable does not read back, or the file is shorter than it was made. */
  | "journal-damaged"
  /** A journal was made here once, and it is gone. */
  | "journal-missing"
  /** The folder or a file in it cannot be read, made or written. */
  | "journal-unusable"
  /** A write or sync failed, now or earlier: the journal takes no more until it is opened anew. */
  | "journal-failed";

/** A journal that cannot be trusted or used. The message names the file, says why, and says what a person can do. */
export class JournalError extends Error {
  override readonly name = "JournalError";
  constructor(
    readonly code: JournalErrorCode,
    message: string,
    readonly file: string,
    /** Offset in the file, in bytes, where one is to blame. */
    readonly offset: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
