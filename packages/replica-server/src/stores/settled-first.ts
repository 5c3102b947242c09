import type { HostStore } from "../host/group-commit.js";

/** What a snapshot counts on and the store does not hold. */
interface Settling {
  /** Resolves once all of it is durable. @throws {Error} if that will not be */
  settled?(pieces: readonly string[]): Promise<void>;
}

/**
 * A store that keeps each snapshot only once what it counts on is durable.
 *
 * @param snapshotIn the pieces of the snapshot that a write is; null if it is something else
 */
export function settledFirst<W>(
  application: Settling,
  store: HostStore<W>,
  snapshotIn: (write: W) => readonly string[] | null,
): HostStore<W> {
  return {
    async persist(writes) {
      // Each snapshot holds what the ones before it do.
      const last = writes
        .map(snapshotIn)
        .filter((pieces) => pieces !== null)
        .at(-1);
      if (last) await application.settled?.(last);
      await store.persist(writes);
    },
    close: () => store.close(),
  };
}
