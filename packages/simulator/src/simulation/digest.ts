import type { Microseconds } from "../faults/fault.js";
import { canonicalText } from "../world/canonical.js";
import type { WorldEvent } from "../world/world-event.js";

/**
 * A fingerprint of everything that happened and when: two runs with the same one are the same run. Not for secrets.
 * (FNV-1a over UTF-16 units, twice 32 bits from different starts.)
 */
export class TraceDigest {
  #low = 0x811c9dc5;
  #high = 0x01000193;

  add(event: WorldEvent, atUs: Microseconds): void {
    const text = `${atUs} ${canonicalText(event)}\n`;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193);
      this.#high = Math.imul(this.#high ^ unit, 0x01000193) ^ (this.#high >>> 15);
    }
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
