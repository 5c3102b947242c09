import { signal } from "@preact/signals";

/** The highest slot that this page's session has seen, which every answer names; null before the first one. */
export const seenSlot = signal<number | null>(null);

/** An answer showed the state up to here. */
export function saw(slot: number): void {
  seenSlot.value = Math.max(seenSlot.value ?? 0, slot);
}
