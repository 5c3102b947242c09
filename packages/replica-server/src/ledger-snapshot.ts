import { basename } from "node:path";
import { Ledger, ReplicatedState } from "@synod/state-machines";
import { readDiskJournal } from "@synod/storage";
import { snapshotIn } from "./stores/learner-store.js";
import { raftSnapshotIn } from "./stores/raft-store.js";

/**
 * The ledger that the last snapshot of a learner or a Raft server holds, for whoever looks at it from outside: nothing is
 * locked or changed, also while the server runs.
 *
 * @param folder as `<node>/learner` or `<node>/raft`
 * @param difficulty the ledger's, as `isProof` takes it
 * @returns null if there is no snapshot yet
 * @throws {JournalError | NotASnapshot} if it cannot be read
 */
export async function ledgerInSnapshot(folder: string, difficulty: number): Promise<Ledger | null> {
  const journal = await readDiskJournal(folder);
  if (journal === null) return null;
  const pieces = basename(folder) === "raft" ? raftSnapshotIn(journal.state) : learnersPieces(journal.state);
  if (pieces === null) return null;
  const ledger = new Ledger({ difficulty });
  new ReplicatedState(ledger).restore(pieces);
  return ledger;
}

function learnersPieces(state: Uint8Array): readonly string[] | null {
  const { head, pieces } = snapshotIn(state);
  return head.through === 0 ? null : pieces;
}
