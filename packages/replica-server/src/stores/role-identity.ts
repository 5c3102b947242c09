import { StoreRefused } from "@synod/acceptor-server";

/** Whose state a store holds. */
export interface StoreIdentity {
  readonly clusterId: string;
  /** The role's name, such as `proposer1`. */
  readonly name: string;
}

/** The first line of every checkpoint. */
export interface StoreHead {
  readonly format: number;
  readonly identity: StoreIdentity;
}

/** The version of what is written. A server reads this one and no other. */
export const STORE_FORMAT = 1;

/** @throws {StoreRefused} if the store is another role's, of another cluster or of another version */
export function refuseOthers(place: string, { format, identity: found }: StoreHead, wanted: StoreIdentity): void {
  if (format !== STORE_FORMAT) {
    throw new StoreRefused(`${place} was written in format ${format}; this version reads ${STORE_FORMAT}`);
  }
  if (found.clusterId === wanted.clusterId && found.name === wanted.name) return;
  const inWords = ({ name, clusterId }: StoreIdentity) => `${name} of cluster ${clusterId}`;
  throw new StoreRefused(
    `${place} holds the state of ${inWords(found)}, and this is ${inWords(wanted)}: give each role its own folder, and ` +
      "each cluster its own home",
  );
}
