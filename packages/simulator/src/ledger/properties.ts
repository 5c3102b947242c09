import type { PropertyText } from "../world/system.js";

/** What a ledger never does, beside what the log under it never does. */
const ALWAYS = {
  "one-chain": "at each height all learners have one and the same block, and none leaves one out",
  "blocks-verify": "each block that a learner keeps has its height, its work, its hash, and the hash of the one before",
  "snapshots-name-the-chain": "a snapshot names the height and the hash of a block of the chain",
  "no-request-twice": "no two blocks are made of one request",
  "acknowledged-is-a-block": "a request that was answered is the block whose height and hash its answer named",
  "gets-tell-the-chain": "the answer to a get is what the chain up to its block spells",
  "refused-is-no-block": "a request that was refused is no block, ever",
} as const;

export type ChainReport = (property: keyof typeof ALWAYS, sentence: string) => void;

export const LEDGER_ALWAYS: readonly PropertyText[] = Object.entries(ALWAYS).map(([name, sentence]) => ({
  name,
  sentence,
}));
