import {
  type Block,
  canonicalText,
  findNonce,
  hashOf,
  type Json,
  Ledger,
  type LedgerEntry,
  requestIdOf,
  type StateMachine,
  type UnderstoodCommand,
} from "@synod/state-machines";

type LedgerMachine = StateMachine<UnderstoodCommand, Block>;

/** The real ledger, some of which is done otherwise. */
function changed(ledger: Ledger, changes: Partial<LedgerMachine>): LedgerMachine {
  return {
    parseOperation: (value) => ledger.parseOperation(value),
    apply: (slot, command, position) => ledger.apply(slot, command, position),
    read: (query) => ledger.read(query),
    snapshot: () => ledger.snapshot(),
    restore: (pieces) => ledger.restore(pieces),
    ...changes,
  };
}

/** The real ledger, each block of which is made anew before anybody sees it. */
function remaking(ledger: Ledger, remake: (block: Block) => Block): LedgerMachine {
  return changed(ledger, {
    apply: (slot, command, position) => {
      const { result, changes } = ledger.apply(slot, command, position);
      const blocks = changes.map(remake);
      const { height = result.height, hash = result.hash } = blocks.at(-1) ?? {};
      return { result: { ...result, height, hash }, changes: blocks };
    },
  });
}

/** A block with the hash that it ought to have. */
function hashed(block: Omit<Block, "hash">): Block {
  return { ...block, hash: hashOf(block) };
}

/** Leaves the operation out of what a block's hash is made of. */
export function hashingNoOperation(difficulty: number): LedgerMachine {
  let last: string | null = null;
  return remaking(new Ledger({ difficulty }), (block) => {
    const linked = { ...block, previousHash: last };
    last = hashOf({ ...linked, operation: { type: "get", key: null } });
    return { ...linked, hash: last };
  });
}

/** Links each block to the one that was the last when its request came: here the last but one. */
export function linkingStale(difficulty: number): LedgerMachine {
  let stale: string | null = null;
  let last: string | null = null;
  return remaking(new Ledger({ difficulty }), (block) => {
    const linked = hashed({ ...block, previousHash: stale });
    stale = last;
    last = linked.hash;
    return linked;
  });
}

/** Takes the map of a snapshot, and begins its chain with block 1 on it. */
export function forgettingHead(difficulty: number): LedgerMachine {
  const ledger = new Ledger({ difficulty });
  let restoredAt = 0;
  let last: string | null = null;
  const machine = remaking(ledger, (block) => {
    const linked = hashed({ ...block, height: block.height - restoredAt, previousHash: last });
    last = linked.hash;
    return linked;
  });
  return {
    ...machine,
    restore: (pieces) => {
      ledger.restore(pieces);
      restoredAt = ledger.head.height;
      last = null;
    },
  };
}

/** Answers gets from the map, and makes no block of them. */
export function answeringGetsBeside(difficulty: number): LedgerMachine {
  const ledger = new Ledger({ difficulty });
  return changed(ledger, {
    apply: (slot, command, position) => {
      if (command.operation.type === "put") return ledger.apply(slot, command, position);
      const { entries } = ledger.read({ type: "map" }) as { readonly entries: readonly LedgerEntry[] };
      const found = entries.find(({ key }) => canonicalText(key) === command.keyText);
      const answer = found ? { answer: "value", value: found.value } : { answer: "KEY_DOES_NOT_EXIST" };
      const { height, hash } = ledger.head;
      const result = { height, hash, requestId: requestIdOf(position), nonce: command.nonce, ...answer };
      return { result, changes: [] };
    },
  });
}

/** Takes every command for one whose work is done. */
export function believingAnyNonce(difficulty: number): LedgerMachine {
  const ledger = new Ledger({ difficulty });
  return changed(ledger, {
    parseOperation: (value) => {
      const { operation = null, nonce = 0, ...rest } = value as { readonly [name: string]: Json };
      const proven = findNonce(operation, difficulty, 0, 1_000_000) ?? 0;
      const command = ledger.parseOperation({ ...rest, operation, nonce: proven });
      return command && { ...command, nonce: Number(nonce) };
    },
  });
}

/** Puts the time at which it is carried out into a block, by this learner's own count. */
export function stampingWhenApplied(difficulty: number): LedgerMachine {
  const ledger = new Ledger({ difficulty });
  let now = 0;
  return changed(ledger, {
    apply: (slot, command, position) => ledger.apply(slot, { ...command, time: ++now }, position),
  });
}

/** Takes keys for one that are written alike, and not those that are equal. */
export function comparingKeysAsWritten(difficulty: number): LedgerMachine {
  const ledger = new Ledger({ difficulty });
  return changed(ledger, {
    parseOperation: (value) => {
      const command = ledger.parseOperation(value);
      return command && { ...command, keyText: JSON.stringify(command.operation.key) };
    },
  });
}
