import { expect, test } from "vitest";
import { SMALL_BYTES, SyncPace } from "../src/sync-pace.ts";

test("small syncs are done at once while the disk is quick, however many there are", () => {
  const pace = new SyncPace();
  for (let now = 0; now < 1000; now++) {
    expect(pace.isAtOnce(SMALL_BYTES, now)).toBe(true);
    pace.took(now, now + 0.9);
  }
});

test("a large one never is: it takes long, and others wait for the thread", () => {
  expect(new SyncPace().isAtOnce(SMALL_BYTES + 1, 0)).toBe(false);
});

test("a slow disk holds the thread up for no more than a twentieth of the time", () => {
  const pace = new SyncPace();
  const tookMs = 8;
  let heldUpMs = 0;
  let now = 0;
  while (now < 100_000) {
    if (!pace.isAtOnce(100, now)) {
      now += 0.5;
      continue;
    }
    pace.took(now, now + tookMs);
    now += tookMs;
    heldUpMs += tookMs;
  }
  expect(heldUpMs / now).toBeLessThanOrEqual(1 / 20);
  expect(heldUpMs).toBeGreaterThan(0);
});

test("one that hung is left to the pool for twenty times as long, and tried again then", () => {
  const pace = new SyncPace();
  pace.took(1000, 4000);
  expect(pace.isAtOnce(100, 63_999)).toBe(false);
  expect(pace.isAtOnce(100, 64_000)).toBe(true);
});
