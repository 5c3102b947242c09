import { type Block, canonicalText, type Json } from "@synod/state-machines";

/** The chain, as far as any learner's disk had it first; and the map that it spells at every height. */
export class ChainRecord {
  readonly #blocks: Block[] = [];
  readonly #heights = new Map<string, number>();
  /** The values of each key, by its canonical text, with the blocks that put them there. */
  readonly #values = new Map<string, { readonly height: number; readonly value: Json }[]>();

  get height(): number {
    return this.#blocks.length;
  }

  at(height: number): Block | undefined {
    return this.#blocks[height - 1];
  }

  /** The block that was made of this request; undefined if none was. */
  heightOf(requestId: string): number | undefined {
    return this.#heights.get(requestId);
  }

  /** Takes the next block. */
  push(block: Block): void {
    this.#blocks.push(block);
    const height = this.#blocks.length;
    this.#heights.set(block.requestId, height);
    const { operation } = block;
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
