import path from "node:path";
import type { JournalFile, JournalFiles } from "../src/journal-files.ts";

/** What one write to the page cache leaves behind when power fails is decided piece by piece, at this granularity. */
const SECTOR_BYTES = 16;

/** The fate of one unsynced piece in a power failure. Garbage only befalls places that held nothing but zeros. */
export type Fate = "kept" | "lost" | "garbage";

/** Thrown by every call from the moment of the crash on: the process is no more. */
export class Crash extends Error {}

/** One unsynced change of a file's content. */
type Change =
  | { readonly kind: "size"; readonly size: number }
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array; readonly growing: boolean };

class Inode {
  cache: Uint8Array = new Uint8Array();
  durable: Uint8Array = new Uint8Array();
  pending: Change[] = [];
  locked = false;

  write(bytes: Uint8Array, at: number): void {
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
      const piece = bytes.slice(from, to);
      const growing = at + to > this.cache.length;
      this.pending.push({ kind: "write", at: at + from, bytes: piece, growing });
      from = to;
    }
    this.cache = withWrite(this.cache, bytes, at);
  }

  setSize(size: number): void {
    this.pending.push({ kind: "size", size });
    this.cache = withSize(this.cache, size);
  }

  /** Every change reaches the disk; a write of a page behind the disk's own idea of the size lengthens the file. */
  sync(): void {
    const ends = this.pending.map((each) => (each.kind === "size" ? each.size : each.at + each.bytes.length));
    const room = ends.reduce((most, end) => Math.max(most, end), this.durable.length);
    let size = this.durable.length;
    this.durable = withSize(this.durable, room);
    for (const change of this.pending) {
      if (change.kind === "write") {
        this.durable.set(change.bytes, change.at);
        size = Math.max(size, change.at + change.bytes.length);
      } else {
        if (change.size < size) this.durable.fill(0, change.size);
        size = change.size;
      }
    }
    this.durable = withSize(this.durable, size);
    this.pending = [];
  }

  /** A sync that failed: the system gives up the dirty pages, though the cache goes on showing what was written. */
  giveUp(): void {
    this.pending = this.pending.filter((change) => change.kind === "size");
  }

  /** What a power failure leaves. A write reaches only what lies below the size that survived, unless it grew the file. */
  afterPowerFailure(fate: () => Fate): Uint8Array {
    const changes = this.pending.map((change) => ({ change, fate: fate() })).filter((each) => each.fate !== "lost");
    let size = this.durable.length;
    for (const { change } of changes) {
      if (change.kind === "size") size = change.size;
      else if (change.growing) size = Math.max(size, change.at + change.bytes.length);
    }
    let content = this.durable;
    for (const { change, fate: how } of changes) {
      if (change.kind === "size") continue;
      const overwritesZeros = content.subarray(change.at, change.at + change.bytes.length).every((byte) => byte === 0);
      const bytes = how === "garbage" && overwritesZeros ? scrambled(change.bytes) : change.bytes;
      content = withWrite(content, bytes, change.at);
    }
    return withSize(content, size);
  }
}

/** Some names of the folder, and what each stands for from now on: null for nothing. Takes effect as a whole or not at all. */
type Renaming = ReadonlyMap<string, Inode | null>;

/**
 * A folder on a disk with a page cache, in memory. Every call that changes something is one operation, counted from 0.
 * Writes are at most `shortWrites` bytes long. At operation `crashAt` the process dies: a sync has done nothing
 * then, anything else is in the cache. At operation `failAt` the call fails once with this code and changes nothing.
 */
export class SimulatedDisk implements JournalFiles {
  operations = 0;
  writes = 0;
  syncs = 0;
  crashAt = Number.POSITIVE_INFINITY;
  failAt = Number.POSITIVE_INFINITY;
  failCode = "EIO";
  shortWrites = Number.POSITIVE_INFINITY;
  private dead = false;
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  private pendingNames: Renaming[] = [];

  get crashed(): boolean {
    return this.dead;
  }

  /** A disk of these files, all durable. */
  static holding(files: Readonly<Record<string, Uint8Array>>): SimulatedDisk {
    const disk = new SimulatedDisk();
    for (const [name, content] of Object.entries(files)) {
      const inode = new Inode();
      inode.durable = content.slice();
      inode.cache = content.slice();
      disk.names.set(name, inode);
      disk.durableNames.set(name, inode);
    }
    return disk;
  }

  /** The content of a file as a reader would see it. */
  content(name: string): Uint8Array | null {
    return this.names.get(name)?.cache.slice() ?? null;
  }

  /** How many fates a power failure would ask for now. */
  unsettled(): number {
    let count = this.pendingNames.length;
    for (const inode of this.everyInode()) count += inode.pending.length;
    return count;
  }

  /** The disk after a power failure now: each unsynced change has a fate, asked for in the order of the changes. */
  afterPowerFailure(fate: () => Fate): SimulatedDisk {
    const inodes = new Map<Inode, Inode>();
    for (const inode of this.everyInode()) {
      const left = new Inode();
      left.durable = inode.afterPowerFailure(fate);
      left.cache = left.durable.slice();
      inodes.set(inode, left);
    }
    const names = new Map(this.durableNames);
    for (const renaming of this.pendingNames) if (fate() !== "lost") applyRenaming(names, renaming);
    const disk = new SimulatedDisk();
    for (const [name, inode] of names) {
      const left = inodes.get(inode) ?? new Inode();
      disk.names.set(name, left);
      disk.durableNames.set(name, left);
    }
    return disk;
  }

  /** The same machine after the process alone was killed: the cache is as it was. */
  afterKill(): SimulatedDisk {
    const disk = new SimulatedDisk();
    for (const inode of this.everyInode()) inode.locked = false;
    disk.names = this.names;
    disk.durableNames = this.durableNames;
    disk.pendingNames = this.pendingNames;
    this.dead = true;
    return disk;
  }

  makeFolder(): void {
    this.step();
  }

  open(file: string, how: "existing" | "ensured" | "emptied"): JournalFile {
    this.step();
    const name = path.basename(file);
    let inode = this.names.get(name);
    if (inode === undefined) {
      if (how === "existing") throw systemError("ENOENT");
      inode = new Inode();
      this.rename_(new Map([[name, inode]]));
    }
    if (how === "emptied" && inode.cache.length > 0) inode.setSize(0);
    return new SimulatedFile(this, inode);
  }

  rename(from: string, to: string): void {
    this.step();
    const inode = this.names.get(path.basename(from));
    if (inode === undefined) throw systemError("ENOENT");
    this.rename_(
      new Map<string, Inode | null>([
        [path.basename(from), null],
        [path.basename(to), inode],
      ]),
    );
  }

  remove(file: string): void {
    this.step();
    const name = path.basename(file);
    if (this.names.has(name)) this.rename_(new Map([[name, null]]));
  }

  /** A failed sync of the folder loses nothing by itself: names are the business of the file system's log. */
  async syncFolder(): Promise<void> {
    this.step();
    for (const renaming of this.pendingNames) applyRenaming(this.durableNames, renaming);
    this.pendingNames = [];
  }

  /** Counts one operation. True if the process dies in it, once it is done. */
  step(onFailure?: () => void): void {
    if (this.dead) throw new Crash();
    const operation = this.operations;
    this.operations += 1;
    if (operation === this.failAt) {
      onFailure?.();
      throw systemError(this.failCode);
    }
    if (operation === this.crashAt) {
      this.dead = true;
      throw new Crash();
    }
  }

  private rename_(renaming: Renaming): void {
    this.pendingNames.push(renaming);
    applyRenaming(this.names, renaming);
  }

  private everyInode(): Set<Inode> {
    const inodes = new Set([...this.names.values(), ...this.durableNames.values()]);
    for (const renaming of this.pendingNames) for (const inode of renaming.values()) if (inode) inodes.add(inode);
    return inodes;
  }
}

class SimulatedFile implements JournalFile {
  private holdsLock = false;

  constructor(
    private readonly disk: SimulatedDisk,
    private readonly inode: Inode,
  ) {}

  size(): number {
    if (this.disk.crashed) throw new Crash();
    return this.inode.cache.length;
  }

  readAll(): Uint8Array {
    this.disk.step();
    return this.inode.cache.slice();
  }

  write(bytes: Uint8Array, at: number): number {
    this.disk.step();
    this.disk.writes += 1;
    const count = Math.min(bytes.length, this.disk.shortWrites);
    this.inode.write(bytes.subarray(0, count), at);
    return count;
  }

  setSize(size: number): void {
    this.disk.step();
    this.inode.setSize(size);
  }

  async sync(): Promise<void> {
    await null;
    this.disk.step(() => this.inode.giveUp());
    this.disk.syncs += 1;
    this.inode.sync();
  }

  tryLock(): boolean {
    this.disk.step();
    if (this.inode.locked) return false;
    this.inode.locked = true;
    this.holdsLock = true;
    return true;
  }

  close(): void {
    if (this.holdsLock && !this.disk.crashed) this.inode.locked = false;
    this.holdsLock = false;
  }
}

function applyRenaming(names: Map<string, Inode>, renaming: Renaming): void {
  for (const [name, inode] of renaming) {
    if (inode === null) names.delete(name);
    else names.set(name, inode);
  }
}

function withSize(content: Uint8Array, size: number): Uint8Array {
  const sized = new Uint8Array(size);
  sized.set(content.subarray(0, size), 0);
  return sized;
}

function withWrite(content: Uint8Array, bytes: Uint8Array, at: number): Uint8Array {
  const written = withSize(content, Math.max(content.length, at + bytes.length));
  written.set(bytes, at);
  return written;
}

function scrambled(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => byte ^ (at * 37 + 113));
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test asked for`), { code });
}
