import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Address, formatAddress, MOST_SERVERS, parseAddress } from "@synod/api";
import { isMissing, makeOnce, replaceFile, syncFolder } from "./durable-file.js";
import { isLost, markMade } from "./made-mark.js";

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
 *     <home>/pool/acceptor-1/   journal, lock, server.pid, server.log, server.err
 *     <home>/pool/acceptor-1.made
 */
export class PoolFolder {
  /** The folder of all state, of which the pool's is a part. */
  readonly home: string;
  readonly path: string;
  readonly recordFile: string;

  /** @param home default: SYNOD_HOME, else `.synod` in the current folder */
  constructor(home: string = process.env["SYNOD_HOME"] || ".synod") {
    this.home = resolve(home);
    this.path = join(this.home, "pool");
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

  /** What a server in the background writes for people: how it started, or why it did not. */
  notesFile(serverId: number): string {
    return join(this.acceptor(serverId), "server.err");
  }

  /** Remembers, outside its folder, that this acceptor has a journal: a folder that is gone took promises with it. */
  markMade(serverId: number): void {
    const file = this.#madeFile(serverId);
    this.#orExplain(file, () => markMade(file));
  }

  /** @throws {PoolFolderError} if this acceptor had a journal once, and its folder is gone */
  refuseLost(serverId: number): void {
    if (!isLost(this.#madeFile(serverId), this.acceptor(serverId))) return;
    throw new PoolFolderError(
      `${this.acceptor(serverId)} is gone, and with it what acceptor ${serverId} promised and accepted: started afresh, it ` +
        `could break consensus. Restore the folder, or wipe on purpose: synod acceptor reset ${serverId} --forget-promises`,
    );
  }

  /**
   * Wipes one acceptor. Its folder goes before the mark that it had one: half wiped, it cannot be started afresh.
   *
   * @returns whether there was anything to wipe
   * @throws {PoolFolderError} if it cannot be wiped
   */
  wipe(serverId: number): boolean {
    const existed = existsSync(this.acceptor(serverId)) || existsSync(this.#madeFile(serverId));
    this.#orExplain(this.acceptor(serverId), () => {
      rmSync(this.acceptor(serverId), { recursive: true, force: true });
      rmSync(this.#madeFile(serverId), { force: true });
    });
    return existed;
  }

  /**
   * Takes the whole pool out of its place in one step: a wipe that ends half-way would leave some acceptors with their
   * promises and others without.
   *
   * @throws {PoolFolderError} if it cannot be moved; then nothing has changed
   */
  setAside(): { folder: PoolFolder; putBack(): void; remove(): void } {
    const aside = new PoolFolder(join(this.home, `pool-wiped-${randomUUID()}`));
    const move = (from: string, to: string) =>
      this.#orExplain(from, () => {
        renameSync(from, to);
        syncFolder(this.home);
      });
    this.#orExplain(aside.home, () => mkdirSync(aside.home));
    move(this.path, aside.path);
    return {
      folder: aside,
      putBack: () => {
        move(aside.path, this.path);
        rmSync(aside.home, { recursive: true });
      },
      remove: () => this.#orExplain(aside.home, () => rmSync(aside.home, { recursive: true })),
    };
  }

  #madeFile(serverId: number): string {
    return join(this.path, `acceptor-${serverId}.made`);
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
   * @param poolId the name that the pool must have, if somebody gave it one
   * @param otherwise the name of a pool that is made now and was given none; by default one that no other pool has
   * @throws {PoolFolderError} if it cannot be made, or if the pool has another number of servers
   */
  readOrCreate(serverCount: number, poolId?: string, otherwise: string = randomUUID()): PoolRecord {
    let record = this.read();
    if (record === null) {
      this.#refuseOrphans();
      this.#write({ poolId: poolId ?? otherwise, serverCount, addresses: null }, makeOnce);
      record = this.read();
    }
    if (record && poolId !== undefined && record.poolId !== poolId) {
      throw new PoolFolderError(`the pool in ${this.path} is ${record.poolId}, not ${poolId}: use another --home`);
    }
    if (record?.serverCount === serverCount) return record;
    throw new PoolFolderError(
      `the pool in ${this.path} has ${record?.serverCount} servers, not ${serverCount}. ` +
        "Say so with --server-count, use another --home, or wipe the pool with `synod acceptor reset`.",
    );
  }

  /** A pool id that was made anew would not be theirs. */
  #refuseOrphans(): void {
    const orphans = existsSync(this.path)
      ? readdirSync(this.path).filter((name) => /^acceptor-\d+\.made$/.test(name))
      : [];
    if (orphans.length === 0 || this.read() !== null) return;
    throw new PoolFolderError(
      `${this.recordFile} is missing, but acceptors' state is there: restore the file, or, if all of it may be lost, ` +
        `remove ${this.path}`,
    );
  }

  /** Remembers where the servers listen, for the commands that come later. */
  rememberAddresses(addresses: readonly Address[]): void {
    const record = this.read();
    if (record === null) throw new PoolFolderError(`no pool was started in ${this.path}`);
    this.#write({ ...record, addresses }, replaceFile);
  }

  #write(record: PoolRecord, put: (file: string, text: string) => void): void {
    const addresses = record.addresses?.map(formatAddress) ?? null;
    this.#orExplain(this.recordFile, () => {
      mkdirSync(this.path, { recursive: true });
      put(this.recordFile, `${JSON.stringify({ ...record, addresses }, null, 2)}\n`);
    });
  }

  #orExplain(file: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      throw new PoolFolderError(`${file} cannot be written: ${reasonOf(error)}`, { cause: error });
    }
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
