import { type Block, canonicalText, type Json } from "@synod/state-machines";

/** The chain, as any learner's disk had it first; and the map that it spells at every height. */
export class ChainRecord {
  /** By height. Behind a snapshot of a peer, a learner may have blocks that follow on some that are on no disk yet. */
  readonly #blocks: (Block | undefined)[] = [];
  #height = 0;
  readonly #heights = new Map<string, number>();
  /** The values of each key, by its canonical text, with the blocks that put them there. */
  readonly #values = new Map<string, { readonly height: number; readonly value: Json }[]>();

  /** All blocks up to this one are known. */
  get height(): number {
    return this.#height;
  }

  at(height: number): Block | undefined {
    return this.#blocks[height];
  }

  /** The block that was made of this request; undefined if none is known. */
  heightOf(requestId: string): number | undefined {
    return this.#heights.get(requestId);
  }

  /** Takes a block whose height had none. */
  take(block: Block): void {
    this.#blocks[block.height] = block;
    this.#heights.set(block.requestId, block.height);
    for (let next = this.at(this.#height + 1); next; next = this.at(this.#height + 1)) this.#spell(next);
  }

  #spell({ height, operation }: Block): void {
    this.#height = height;
    if (operation.type !== "put") return;
    const key = canonicalText(operation.key) ?? "";
    const values = this.#values.get(key) ?? [];
    this.#values.set(key, values);
    values.push({ height, value: operation.value });
  }

  /** What the blocks below this one say of a key; undefined if nothing. */
  valueBelow(height: number, key: Json): Json | undefined {
    const values = this.#values.get(canonicalText(key) ?? "") ?? [];
    let place = values.length - 1;
    while ((values[place]?.height ?? 0) >= height) place--;
    return values[place]?.value;
  }
}
