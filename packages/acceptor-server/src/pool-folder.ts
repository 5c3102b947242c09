import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Address, formatAddress, MOST_SERVERS, parseAddress } from "@synod/api";

/** What every server of a pool agrees on; `pool.json` in the pool's folder. */
export interface PoolRecord {
  /** Made when the pool is first started, and anew when it is reset. */
  readonly poolId: string;
  readonly serverCount: number;
  /** Where servers 1, 2, 3, ... were last told to listen; null if nobody said. */
  readonly addresses: readonly Address[] | null;
}

/** The pool's folder or a file in it cannot be used. The message names the file and says what a person can do. */
export class PoolFolderError extends Error {
  override readonly name = "PoolFolderError";
}

/**
 * Where a pool keeps its state: one folder for the pool, in it one for each acceptor.
 *
 *     <home>/pool/pool.json
 *     <home>/pool/acceptor-1/   journal, lock, server.pid, server.log
 */
export class PoolFolder {
  readonly path: string;
  readonly recordFile: string;

  /** @param home default: SYNOD_HOME, else `.synod` in the current folder */
  constructor(home: string = process.env["SYNOD_HOME"] || ".synod") {
    this.path = resolve(home, "pool");
    this.recordFile = join(this.path, "pool.json");
  }

  acceptor(serverId: number): string {
    return join(this.path, `acceptor-${serverId}`);
  }

  pidFile(serverId: number): string {
    return join(this.acceptor(serverId), "server.pid");
  }

  logFile(serverId: number): string {
    return join(this.acceptor(serverId), "server.log");
  }

  /**
   * @returns null if no pool was ever started here
   * @throws {PoolFolderError} if the record cannot be read
   */
  read(): PoolRecord | null {
    let text: string;
    try {
      text = readFileSync(this.recordFile, "utf8");
    } catch (error) {
      if (isMissing(error)) return null;
      throw new PoolFolderError(`${this.recordFile} cannot be read: ${reasonOf(error)}`, { cause: error });
    }
    const record = parseRecord(text);
    if (record) return record;
    throw new PoolFolderError(
      `${this.recordFile} is not a pool's record. If the pool's state may be lost, remove ${this.path}; else restore the file.`,
    );
  }

  /**
   * The pool's record, made if there is none yet. Servers that start at the same time get the same one.
   *
   * @throws {PoolFolderError} if it cannot be made, or if the pool has another number of servers
   */
  readOrCreate(serverCount: number): PoolRecord {
    let record = this.read();
    if (record === null) {
      this.#create({ poolId: randomUUID(), serverCount, addresses: null });
      record = this.read();
    }
    if (record?.serverCount === serverCount) return record;
    throw new PoolFolderError(
      `the pool in ${this.path} has ${record?.serverCount} servers, not ${serverCount}. ` +
        "Say so with --server-count, use another --home, or wipe the pool with `synod acceptor reset`.",
    );
  }

  /** Remembers where the servers listen, for the commands that come later. */
  rememberAddresses(addresses: readonly Address[]): void {
    const record = this.read();
    if (record === null) throw new PoolFolderError(`no pool was started in ${this.path}`);
    this.#write({ ...record, addresses }, (draft) => renameSync(draft, this.recordFile));
  }

  #create(record: PoolRecord): void {
    this.#write(record, (draft) => {
      try {
        // Unlike a rename, a link never takes the place of a record that somebody else made meanwhile.
        linkSync(draft, this.recordFile);
      } catch (error) {
        if (!isErrorWithCode(error, "EEXIST")) throw error;
      }
    });
  }

  #write(record: PoolRecord, publish: (draft: string) => void): void {
    const draft = `${this.recordFile}.${randomUUID()}`;
    const addresses = record.addresses?.map(formatAddress) ?? null;
    try {
      mkdirSync(this.path, { recursive: true });
      writeDurably(draft, `${JSON.stringify({ ...record, addresses }, null, 2)}\n`);
      publish(draft);
      syncFolder(dirname(draft));
    } catch (error) {
      throw new PoolFolderError(`${this.recordFile} cannot be written: ${reasonOf(error)}`, { cause: error });
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, "wx");
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parseRecord(text: string): PoolRecord | null {
  try {
    const { poolId, serverCount, addresses } = JSON.parse(text);
    if (typeof poolId !== "string" || !/^\S+$/.test(poolId)) return null;
    if (!Number.isInteger(serverCount) || serverCount < 1 || serverCount > MOST_SERVERS) return null;
    const parsed = addresses === null ? null : (addresses as string[]).map(parseAddress);
    return { poolId, serverCount, addresses: parsed };
  } catch {
    // Not JSON, or addresses that are none: not a record, which is what null says.
    return null;
  }
}

/** Whether the error is Node's for a file that is not there. */
export function isMissing(error: unknown): boolean {
  return isErrorWithCode(error, "ENOENT");
}

function isErrorWithCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
