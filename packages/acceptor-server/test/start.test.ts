import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { openDiskJournal } from "@synod/storage";
import { describe, expect, onTestFinished, test } from "vitest";
import { AcceptorStore } from "../src/acceptor-store.ts";
import { readPidFile } from "../src/pid-file.ts";
import { PoolFolder } from "../src/pool-folder.ts";
import { type AcceptorServer, startAcceptor } from "../src/server.ts";
import { ask, started } from "./started-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A folder in which a server has accepted something and was then stopped. */
async function usedHome(serverCount = 1): Promise<{ home: string; journal: string }> {
  const home = temporaryFolder();
  const server = await started({ home, serverCount });
  await ask(server, "/accept", { id: 5, value: "apple" });
  await server.close();
  return { home, journal: join(server.folder, "journal") };
}

async function refusal(starting: Promise<AcceptorServer>): Promise<Error & { code?: string }> {
  return starting.then(
    () => Promise.reject(new Error("it started")),
    (error) => error,
  );
}

describe("a server that starts", () => {
  test("makes its folder, says where it listens in its pid file, and takes the file away when it stops", async () => {
    const home = temporaryFolder();
    const server = await started({ home, serverId: 2, serverCount: 3 });
    const pidFile = join(home, "pool", "acceptor-2", "server.pid");
    expect(server.created).toBe(true);
    expect(server.folder).toBe(join(home, "pool", "acceptor-2"));
    expect(readPidFile(pidFile)).toMatchObject({ pid: process.pid, address: server.address });
    expect(server.address.port).toBeGreaterThan(0);
    await server.close();
    expect(existsSync(pidFile)).toBe(false);
    await expect(fetch(`http://127.0.0.1:${server.address.port}/livez`)).rejects.toThrow();
  });

  test("goes on with what it had promised and accepted, under the same pool id", async () => {
    const home = temporaryFolder();
    const first = await started({ home });
    await ask(first, "/accept", { id: 5, value: "apple" });
    await ask(first, "/prepare", { id: 8 });
    await first.close();
    const second = await started({ home });
    expect(second.created).toBe(false);
    expect(second.tornTail).toBeNull();
    expect(second.identity).toEqual(first.identity);
    expect(await ask(second, "/state")).toEqual({ promisedId: 8, acceptedId: 5, acceptedValue: "apple" });
    expect(await ask(second, "/history")).toMatchObject({ history: [{ acceptedId: 5, acceptedValue: "apple" }] });
  });

  test("can be closed twice", async () => {
    const server = await started({ home: temporaryFolder() });
    await server.close();
    await server.close();
  });
});

describe("the state of another server is refused, since its promises are not ours", () => {
  const identity = { serverId: 1, serverCount: 3, poolId: "pool-a" };

  test.each([
    ["server id", { ...identity, serverId: 2 }],
    ["server count", { ...identity, serverCount: 5 }],
    ["pool id", { ...identity, poolId: "pool-b" }],
  ])(
    "another %s, on disk and in memory; the message names both, and the folder is free again",
    async (_what, other) => {
      const folder = temporaryFolder();
      await (await AcceptorStore.onDisk(folder, identity)).store.close();
      const refused = AcceptorStore.onDisk(folder, other);
      await expect(refused).rejects.toMatchObject({ name: "StoreRefused" });
      await expect(refused).rejects.toThrow(`${folder} holds the state of server 1 of 3 of pool pool-a`);
      await expect(refused).rejects.toThrow(
        `this is server ${other.serverId} of ${other.serverCount} of pool ${other.poolId}`,
      );
      const again = await AcceptorStore.onDisk(folder, identity);
      await again.store.close();
    },
  );

  test("a pool of another size is refused before any folder of a server is made", async () => {
    const { home } = await usedHome(3);
    const error = await refusal(started({ home, serverId: 4, serverCount: 5 }));
    expect(error).toMatchObject({ name: "PoolFolderError", message: expect.stringContaining("has 3 servers, not 5") });
    expect(existsSync(join(home, "pool", "acceptor-4"))).toBe(false);
  });

  test("a pool whose record was lost gets no other id, under which its servers would not come back to life", async () => {
    const { home } = await usedHome();
    const { recordFile } = new PoolFolder(home);
    rmSync(recordFile);
    expect(await refusal(started({ home }))).toMatchObject({ name: "PoolFolderError" });
    expect(existsSync(recordFile)).toBe(false);
  });

  test("an acceptor whose folder is gone is not started afresh, since its promises are gone with it", async () => {
    const { home } = await usedHome();
    const folder = new PoolFolder(home);
    rmSync(folder.acceptor(1), { recursive: true });
    const error = await refusal(started({ home }));
    expect(error).toMatchObject({ name: "PoolFolderError" });
    expect(String(error)).toContain("--forget-promises");
    folder.wipe(1);
    await expect(started({ home })).resolves.toMatchObject({ created: true });
  });

  test("a format that this version does not read is refused by its number", async () => {
    const folder = temporaryFolder();
    const initialState = Buffer.from(JSON.stringify({ format: 3, identity, state: {} }));
    await (await openDiskJournal(folder, { initialState })).journal.close();
    await expect(AcceptorStore.onDisk(folder, identity)).rejects.toThrow(
      /written in format 3; this version reads 1 and 2/,
    );
  });

  test("a server without an address in the list cannot start", async () => {
    const options = {
      serverId: 2,
      serverCount: 2,
      addresses: [{ host: "127.0.0.1", port: 0 }],
      home: temporaryFolder(),
    };
    expect(await refusal(startAcceptor(options))).toMatchObject({ name: "CannotStart" });
  });
});

describe("a journal that is not as it was left", () => {
  test("is refused where a byte of it changed, naming file and offset, and is left as it is", async () => {
    const { home, journal } = await usedHome();
    const bytes = readFileSync(journal);
    const at = bytes.indexOf("poolId");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(journal, bytes);
    const error = await refusal(started({ home }));
    expect(error).toMatchObject({ name: "JournalError", code: "journal-damaged", file: journal });
    expect(error.message).toMatch(new RegExp(`^${journal}: damaged at byte \\d+: `));
    expect(readFileSync(journal)).toEqual(bytes);
    expect(existsSync(new PoolFolder(home).pidFile(1))).toBe(false);
  });

  test("is refused where it is gone: a fresh start would have forgotten every promise", async () => {
    const { home, journal } = await usedHome();
    rmSync(journal);
    expect(await refusal(started({ home }))).toMatchObject({ code: "journal-missing", file: journal });
  });

  test("is taken up, and said so, where the last flush was not finished: nobody had an answer from it", async () => {
    const { home, journal } = await usedHome();
    const bytes = readFileSync(journal);
    // What a crash in the midst of writing leaves: the next record's place has bytes that are no record.
    let end = bytes.length;
    while (bytes[end - 1] === 0) end--;
    bytes[end + 20] = 1;
    writeFileSync(journal, bytes);
    const server = await started({ home });
    expect(server.tornTail).toMatchObject({ file: journal, offset: end });
    expect(server.tornTail?.bytes).toBeGreaterThan(0);
    expect(await ask(server, "/state")).toEqual({ promisedId: 5, acceptedId: 5, acceptedValue: "apple" });
    await ask(server, "/prepare", { id: 9 });
    await server.close();
    const again = await started({ home });
    expect(again.tornTail).toBeNull();
    expect(await ask(again, "/state")).toMatchObject({ promisedId: 9 });
  });
});

describe("what another program holds", () => {
  test("a second server in one folder is refused, and the first goes on", async () => {
    const home = temporaryFolder();
    const first = await started({ home });
    expect(await refusal(started({ home }))).toMatchObject({ name: "JournalError", code: "journal-locked" });
    expect(readPidFile(new PoolFolder(home).pidFile(1))?.address).toEqual(first.address);
    expect(await ask(first, "/prepare", { id: 1 })).toEqual({ ignored: false, promisedId: 1 });
  });

  test("a port in use is named with the way out; the folder is free again and no pid file is left", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => {
        const address = other.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    onTestFinished(() => void other.close());
    const home = temporaryFolder();
    const error = await refusal(started({ home, addresses: [{ host: "127.0.0.1", port }] }));
    expect(error.name).toBe("CannotStart");
    expect(error.message).toContain(`127.0.0.1:${port} is in use by another program`);
    expect(error.message).toContain("--port");
    expect(existsSync(new PoolFolder(home).pidFile(1))).toBe(false);
    expect((await started({ home })).created).toBe(false);
  });

  test("an address of another machine is named as such", async () => {
    const options = { home: temporaryFolder(), listen: "192.0.2.1", secret: "s" };
    expect((await refusal(started(options))).message).toBe("192.0.2.1:0 is no address of this machine");
  });
});

test("servers that are started one by one, each in a home of its own, are of one pool unless somebody names another", async () => {
  const [one, other] = [await started({ home: temporaryFolder() }), await started({ home: temporaryFolder() })];
  expect(one.identity.poolId).toBe(other.identity.poolId);
  const named = await started({ home: temporaryFolder(), poolId: "ours" });
  expect(named.identity.poolId).toBe("ours");
});
