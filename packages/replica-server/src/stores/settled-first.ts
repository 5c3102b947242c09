import type { LearnerWrite } from "@synod/consensus";
import type { HostStore } from "../host/group-commit.js";

/** What a snapshot counts on and the store does not hold. */
interface Settling {
  /** Resolves once all of it is durable. @throws {Error} if that will not be */
  settled?(pieces: readonly string[]): Promise<void>;
}

/** A store of snapshots that keeps each of them only once what it counts on is durable. */
export function settledFirst(application: Settling, store: HostStore<LearnerWrite>): HostStore<LearnerWrite> {
  return {
    async persist(writes) {
      const last = writes.at(-1);
      if (last) await application.settled?.(last.pieces);
      await store.persist(writes);
    },
    close: () => store.close(),
  };
}
