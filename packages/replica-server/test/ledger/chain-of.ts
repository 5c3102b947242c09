import { type Block, blockRecord, type ChainHead, findNonce, Ledger, ledgerCommandJson } from "@synod/state-machines";

/** A chain of so many blocks, each of which puts a value; whole, as a ledger of difficulty 0 makes it. */
export function chainOf(count: number, value: (height: number) => string = String): Block[] {
  const ledger = new Ledger();
  return Array.from({ length: count }, (_, index): Block => {
    const height = index + 1;
    const operation = { type: "put", key: `key${height % 7}`, value: value(height) } as const;
    const nonce = findNonce(operation, 0, 0, 1000) ?? 0;
    const command = ledgerCommandJson({ operation, nonce, proposer: "server1", time: 1_700_000_000_000 + height });
    const understood = ledger.parseOperation(command);
    const position = { client: "c", openedAt: 1, sequence: height + 1, firstUnacknowledged: height + 1 };
    const [block] = understood ? ledger.apply(height + 1, understood, position).changes : [];
    if (block === undefined) throw new Error("every command becomes a block");
    return block;
  });
}

/** What a chain's file holds. */
export function fileText(blocks: readonly Block[]): string {
  return blocks.map((block) => `${blockRecord(block)}\n`).join("");
}

export function headOf(blocks: readonly Block[]): ChainHead {
  const last = blocks.at(-1);
  return { height: last?.height ?? 0, hash: last?.hash ?? null };
}
