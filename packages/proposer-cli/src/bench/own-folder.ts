import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Address } from "@synod/api";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

const HOST = "127.0.0.1";

/** What `statfs` calls a file system that is in memory. */
const TMPFS = 0x01021994;

/**
 * A new folder for a cluster that is here only to be measured.
 *
 * @throws {CommandFailure} if it cannot be made
 */
export function newFolder(parent: string | null, terminal: Terminal): string {
  const place = parent ?? tmpdir();
  try {
    const folder = mkdtempSync(path.join(place, "synod-bench-"));
    if (statfsSync(folder).type === TMPFS) {
      terminal.warn(`${place} is in memory, where a sync costs nothing: --folder names a folder on a disk`);
    }
    return folder;
  } catch (error) {
    throw new CommandFailure(
      ExitCode.failure,
      "no-folder",
      `no folder can be made in ${place}: ${(error as Error).message}`,
    );
  }
}

/**
 * Removes a folder, also when this process ends before it did so itself.
 *
 * @param kill ends what runs in it, at once
 * @returns what does both; the second time it does nothing
 */
export function removedAtLatestAtEnd(folder: string, kill: () => void): () => void {
  let isThere = true;
  const remove = () => {
    if (!isThere) return;
    isThere = false;
    process.off("exit", remove);
    kill();
    // What was just killed may still be busy with its last file.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  process.once("exit", remove);
  return remove;
}

/** Ports below those that systems give out themselves, above those of the presets, and none that this project's tests give out. */
const [LOWEST, HIGHEST] = [11_000, 20_000];

/** Addresses of this machine at which nobody listens now. */
export async function freeAddresses(count: number): Promise<Address[]> {
  // Held until all are found, so that none is found twice.
  const held: Server[] = [];
  const addresses: Address[] = [];
  let next = randomInt(HIGHEST - LOWEST);
  while (addresses.length < count) {
    const address = { host: HOST, port: LOWEST + (next++ % (HIGHEST - LOWEST)) };
    const server = await listenerAt(address);
    if (!server) continue;
    held.push(server);
    addresses.push(address);
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return addresses;
}

/** @returns null if somebody listens there already */
function listenerAt({ host, port }: Address): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(port, host, () => resolve(server));
  });
}
