import { Ledger, ReplicatedState } from "@synod/state-machines";
import { readDiskJournal } from "@synod/storage";
import { snapshotIn } from "./stores/learner-store.js";

/**
 * The ledger that the last snapshot in a learner's folder holds, for whoever looks at it from outside: nothing is locked
 * or changed, also while the learner runs.
 *
 * @param folder as `<node>/learner`
 * @param difficulty the ledger's, as `isProof` takes it
 * @returns null if there is no snapshot yet
 * @throws {JournalError | NotASnapshot} if it cannot be read
 */
export async function ledgerInSnapshot(folder: string, difficulty: number): Promise<Ledger | null> {
  const journal = await readDiskJournal(folder);
  if (journal === null) return null;
  const { head, pieces } = snapshotIn(journal.state);
  if (head.through === 0) return null;
  const ledger = new Ledger({ difficulty });
  new ReplicatedState(ledger).restore(pieces);
  return ledger;
}
