import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Address, ServerIdentity } from "@synod/api";
import { isLost, markMade } from "./made-mark.js";
import { CannotStart } from "./node/listening.js";
import { removePidFile, writePidFile } from "./pid-file.js";
import { PoolFolder } from "./pool-folder.js";

/** Where an acceptor keeps its state, and what tells others of its life. */
export interface ServerPlace {
  readonly identity: ServerIdentity;
  /** The folder of its state. */
  readonly folder: string;
  /** Remembers, outside the folder, that it has a journal. */
  markMade(): void;
  /** Says that this process runs the server, which listens there. */
  announce(address: Address): void;
  /** Takes that back. */
  withdraw(): void;
}

/**
 * The pool of servers that are started one by one, perhaps each in a home of its own or on a machine of its own, by
 * somebody who gave it no name: they must be able to find together.
 */
const UNNAMED_POOL = "default";

/** @throws {PoolFolderError} if the pool is another one, or the acceptor had a journal that is gone */
export function placeInPool(options: {
  readonly serverId: number;
  readonly serverCount: number;
  readonly home?: string | undefined;
  readonly poolId?: string | undefined;
}): ServerPlace {
  const { serverId, serverCount } = options;
  const pool = new PoolFolder(options.home);
  const { poolId } = pool.readOrCreate(serverCount, options.poolId, UNNAMED_POOL);
  const pidFile = pool.pidFile(serverId);
  pool.refuseLost(serverId);
  return {
    identity: { serverId, serverCount, poolId },
    folder: pool.acceptor(serverId),
    markMade: () => pool.markMade(serverId),
    announce: (address) => writePidFile(pidFile, address),
    withdraw: () => removePidFile(pidFile),
  };
}

/**
 * In a cluster the process has a pid file for all of its roles, and says there that it runs.
 *
 * @param mark outside the folder, so that it outlives it
 * @throws {CannotStart} if the acceptor had a journal that is gone
 */
export function placeInCluster(identity: ServerIdentity, folder: string, mark: string): ServerPlace {
  if (isLost(mark, folder)) {
    throw new CannotStart(
      `${folder} is gone, and with it what acceptor ${identity.serverId} promised and accepted: started afresh, it could ` +
        `break consensus. Restore the folder; or, if the whole cluster's data may be lost, make the cluster anew. (${mark} ` +
        "tells that there was a journal.)",
    );
  }
  return {
    identity,
    folder,
    markMade() {
      mkdirSync(dirname(mark), { recursive: true });
      markMade(mark);
    },
    announce() {},
    withdraw() {},
  };
}
