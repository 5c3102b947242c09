/** Where the search begins, within how many seeds each flaw of a ring is caught under random faults, and as what. */
export const CAUGHT_RING_FLAWS: readonly [name: string, from: number, within: number, property: string][] = [
  ["acceptor-keeps-nothing", 1, 3, "durable-before-told"],
  ["learner-counts-copies", 40, 200, "learned-is-chosen"],
  ["sends-no-ignored", 1, 3, "requests-are-answered"],
  ["asks-once", 1, 150, "clients-are-told"],
  ["first-client-ends-all", 1, 30, "clients-are-told"],
  ["proposer-reuses-id", 150, 600, "one-value-an-id"],
  ["tells-before-write", 1, 3, "elections-only-rise"],
  ["lets-all-pass", 1, 3, "one-leader-an-election"],
  ["leads-at-once", 1, 3, "leaders-are-elected"],
  ["forgets-election", 1, 30, "elections-only-rise"],
  ["roles-for-the-living", 1, 60, "one-assignment"],
  ["never-elects-again", 1, 20, "clients-are-told"],
  ["asks-no-acceptor", 100, 400, "clients-are-told"],
  ["unknown-is-refused", 1, 20, "refusals-are-definite"],
];
