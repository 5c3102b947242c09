import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { PoolFolder, PoolFolderError, type PoolRecord } from "../src/pool-folder.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const BUILT = fileURLToPath(new URL("../dist/pool-folder.js", import.meta.url));

/** Says that it is ready, waits for a line, makes the record, and says which pool it got. */
const RACER = `
  const { PoolFolder } = await import(process.argv[1]);
  const pool = new PoolFolder(process.argv[2]);
  process.stdin.once("data", () => {
    console.log(pool.readOrCreate(3).poolId);
    process.stdin.destroy();
  });
  console.log("ready");
`;

class Racer {
  readonly #child;
  readonly #lines;

  constructor(home: string) {
    this.#child = spawn(process.execPath, ["--input-type=module", "-e", RACER, BUILT, home], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void this.#child.kill("SIGKILL"));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    return (await this.#lines.next()).value;
  }

  go(): void {
    this.#child.stdin.write("go\n");
  }
}

test("servers that start at the same time, in processes of their own, get one pool id", async () => {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const racers = Array.from({ length: 6 }, () => new Racer(home));
  for (const racer of racers) expect(await racer.line()).toBe("ready");
  for (const racer of racers) racer.go();
  const poolIds = await Promise.all(racers.map((racer) => racer.line()));
  expect(new Set(poolIds).size).toBe(1);
  expect(poolIds[0]).toBe(new PoolFolder(home).read()?.poolId);
  expect(readdirSync(join(home, "pool"))).toEqual(["pool.json"]);
});

test("a record that somebody else made meanwhile is taken, never replaced", () => {
  const home = temporaryFolder();
  const late = new PoolFolder(home);
  const early = new PoolFolder(home);
  const read = late.read.bind(late);
  let reads = 0;
  let made: PoolRecord | null = null;
  // The other server's record appears right behind the look that found none.
  late.read = () => {
    const found = read();
    if (reads++ === 0) made = early.readOrCreate(3);
    return found;
  };
  expect(late.readOrCreate(3)).toEqual(made);
  expect(early.read()).toEqual(made);
  expect(reads).toBe(2);
});

describe("pool.json", () => {
  test("is made once, and holds what was remembered", () => {
    const pool = new PoolFolder(temporaryFolder());
    expect(pool.read()).toBeNull();
    const made = pool.readOrCreate(2);
    expect(made).toEqual({ poolId: expect.stringMatching(/^[0-9a-f-]{36}$/), serverCount: 2, addresses: null });
    const addresses = [
      { host: "127.0.0.1", port: 5001 },
      { host: "::1", port: 5002 },
    ];
    pool.rememberAddresses(addresses);
    expect(pool.readOrCreate(2)).toEqual({ ...made, addresses });
    expect(readdirSync(pool.path)).toEqual(["pool.json"]);
    expect(JSON.parse(readFileSync(pool.recordFile, "utf8")).addresses).toEqual(["127.0.0.1:5001", "[::1]:5002"]);
  });

  test("is of another pool after a reset", () => {
    const home = temporaryFolder();
    const before = new PoolFolder(home).readOrCreate(1);
    rmSync(new PoolFolder(home).path, { recursive: true });
    expect(new PoolFolder(home).readOrCreate(1).poolId).not.toBe(before.poolId);
  });

  test("of another number of servers is refused with what to do", () => {
    const pool = new PoolFolder(temporaryFolder());
    pool.readOrCreate(3);
    expect(() => pool.readOrCreate(5)).toThrow(/has 3 servers, not 5.*--server-count.*--home.*reset/);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '"text"',
    "{}",
    '{"poolId":1,"serverCount":3,"addresses":null}',
    '{"poolId":"","serverCount":3,"addresses":null}',
    '{"poolId":"two words","serverCount":3,"addresses":null}',
    '{"poolId":"p","serverCount":0,"addresses":null}',
    '{"poolId":"p","serverCount":1000,"addresses":null}',
    '{"poolId":"p","serverCount":"3","addresses":null}',
    '{"poolId":"p","serverCount":3}',
    '{"poolId":"p","serverCount":3,"addresses":["nowhere"]}',
    '{"poolId":"p","serverCount":3,"addresses":"127.0.0.1:1"}',
  ])("that reads %j is refused by name and left as it is, since a new pool id would disown every server", (text) => {
    const pool = new PoolFolder(temporaryFolder());
    mkdirSync(pool.path);
    writeFileSync(pool.recordFile, text);
    for (const use of [() => pool.read(), () => pool.readOrCreate(3), () => pool.rememberAddresses([])]) {
      expect(use).toThrow(`${pool.recordFile} is not a pool's record`);
    }
    expect(readFileSync(pool.recordFile, "utf8")).toBe(text);
  });

  test("that cannot be read or made is refused by name", () => {
    const home = temporaryFolder();
    const pool = new PoolFolder(home);
    mkdirSync(pool.recordFile, { recursive: true });
    expect(() => pool.read()).toThrow(`${pool.recordFile} cannot be read`);
    writeFileSync(join(home, "file"), "");
    const impossible = new PoolFolder(join(home, "file"));
    expect(() => impossible.readOrCreate(1)).toThrow(/pool\.json cannot be (read|written): ENOTDIR/);
  });

  test("must be there before addresses are remembered", () => {
    expect(() => new PoolFolder(temporaryFolder()).rememberAddresses([])).toThrow("no pool was started in");
  });
});

test("a pool is taken out of its place whole, and can be put back", () => {
  const folder = new PoolFolder(temporaryFolder());
  const { poolId } = folder.readOrCreate(3);
  folder.markMade(1);
  const aside = folder.setAside();
  expect(folder.read()).toBeNull();
  expect(aside.folder.read()?.poolId).toBe(poolId);
  aside.putBack();
  expect(folder.read()?.poolId).toBe(poolId);
  folder.setAside().remove();
  expect(folder.read()).toBeNull();
});

test("a pool that was given its name keeps it, and no other is taken for it", () => {
  const folder = new PoolFolder(temporaryFolder());
  expect(folder.readOrCreate(3, "ours").poolId).toBe("ours");
  expect(folder.readOrCreate(3).poolId).toBe("ours");
  expect(() => folder.readOrCreate(3, "theirs")).toThrow(PoolFolderError);
});
