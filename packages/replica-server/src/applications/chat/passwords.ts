import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { NotServed, RequestRefused } from "@synod/acceptor-server";
import type { PasswordRecord } from "@synod/state-machines";

/** What hashing a password costs, as RFC 7914 names it, and how much of it is done at a time. */
export interface PasswordLimits {
  /** N: a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
  /** How many are hashed at a time: others of the four threads that Node has for it write to disks. */
  readonly atATime: number;
  /** How many wait for that; more are refused at once. */
  readonly line: number;
}

/** 16 MiB of memory, and some tenths of a second of a processor, for each password that is tried. */
const LIMITS: PasswordLimits = { cost: 16_384, blockSize: 8, parallelization: 5, atATime: 2, line: 64 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Whatever the log says: a value that a person put there must not take up the machine. */
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;
const MOST_PARALLELIZATION = 64;

/** Within what a password is to be looked at. */
export interface Patience {
  /** How long it may wait for its turn, in milliseconds. */
  readonly withinMs: number;
  /** Whether anybody waits for it still. */
  readonly isWanted: () => boolean;
}

interface Job {
  /** By `performance.now()`. */
  readonly end: number;
  readonly isWanted: () => boolean;
  readonly start: () => Promise<void>;
  readonly refuse: (why: Error) => void;
}

/** Turns passwords into what the log may carry, and compares them with it: with scrypt (RFC 7914), a few at a time. */
export class Passwords {
  readonly #limits: PasswordLimits;
  #line: Job[] = [];
  #underWay = 0;
  #isClosed = false;

  constructor(limits: Partial<PasswordLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** @throws {RequestRefused | NotServed} `overloaded` if its turn does not come in time */
  async hash(password: string, patience: Patience): Promise<PasswordRecord> {
    const { cost, blockSize, parallelization } = this.#limits;
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#inTurn(patience, () => derive(password, salt, { cost, blockSize, parallelization }));
    return { salt: salt.toString("hex"), hash: hash.toString("hex"), cost, blockSize, parallelization };
  }

  /** Whether this is the password of the record. @throws {RequestRefused | NotServed} as `hash` */
  async matches(password: string, record: PasswordRecord, patience: Patience): Promise<boolean> {
    const { salt, hash } = record;
    if (!isBounded(record)) return false;
    const tried = await this.#inTurn(patience, () => derive(password, Buffer.from(salt, "hex"), record));
    return timingSafeEqual(tried, Buffer.from(hash, "hex"));
  }

  /** Refuses those that wait, and all that come. */
  close(): void {
    this.#isClosed = true;
    for (const { refuse } of this.#line.splice(0)) refuse(stopping());
  }

  #inTurn<Result>({ withinMs, isWanted }: Patience, work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(stopping());
    if (this.#line.length >= this.#limits.line) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      const start = () => work().then(resolve, reject);
      this.#line.push({ end: performance.now() + withinMs, isWanted, start, refuse: reject });
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#refuseLate();
    while (this.#underWay < this.#limits.atATime) {
      const job = this.#line.shift();
      if (!job) return;
      this.#underWay++;
      void job.start().finally(() => {
        this.#underWay--;
        this.#goOn();
      });
    }
  }

  #refuseLate(): void {
    const now = performance.now();
    const isLate = ({ end, isWanted }: Job) => now >= end || !isWanted();
    const late = this.#line.filter(isLate);
    if (late.length === 0) return;
    this.#line = this.#line.filter((job) => !late.includes(job));
    for (const { refuse } of late) refuse(overloaded());
  }
}

type Costs = Pick<PasswordRecord, "cost" | "blockSize" | "parallelization">;

/** Whether scrypt takes this, within our bounds: no server of ours has made any other. */
function isBounded({ cost, blockSize, parallelization }: Costs): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(cost));
  return isPowerOfTwo && 128 * cost * blockSize <= MOST_MEMORY_BYTES && parallelization <= MOST_PARALLELIZATION;
}

/** Texts that look the same are one password, however a keyboard composes them. */
function derive(password: string, salt: Buffer, { cost, blockSize, parallelization }: Costs): Promise<Buffer> {
  // Beside its memory it has some buffers, which count as well.
  const options = { cost, blockSize, parallelization, maxmem: 2 * MOST_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function overloaded(): RequestRefused {
  return new RequestRefused(
    "overloaded",
    "as many passwords are looked at as can be at a time, and this one's turn did not come; try again in a second",
    { retryAfterSeconds: 1 },
  );
}

function stopping(): NotServed {
  return new NotServed("stopping", "the server is stopping; ask another one");
}
