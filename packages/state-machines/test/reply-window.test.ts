import { Random } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { ReplyWindow } from "../src/sessions/reply-window.ts";

describe("a window of replies", () => {
  test("holds what a map would, whatever comes, and is forgotten, in any order", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = Random.fromSeed(seed);
      let first = 2;
      const window = new ReplyWindow(first);
      const map = new Map<number, string>();
      for (let step = 0; step < 300; step++) {
        if (random.below(3) > 0) {
          const sequence = first + random.below(1 + random.below(70));
          const reply = "r".repeat(random.below(5));
          window.set(sequence, reply);
          map.set(sequence, reply);
        } else {
          // Further than the window is long, now and then; and below what was forgotten.
          const below = first - 2 + random.below(random.below(10) === 0 ? 200 : 12);
          window.forgetBelow(below);
          first = Math.max(first, below);
          for (const sequence of [...map.keys()]) if (sequence < first) map.delete(sequence);
        }
        const ascending = [...map].sort(([one], [other]) => one - other);
        const characters = [...map.values()].reduce((sum, { length }) => sum + length, 0);
        const where = `seed ${seed}, step ${step}`;
        expect([window.first, window.size, window.characters], where).toEqual([first, map.size, characters]);
        expect([...window], where).toEqual(ascending);
        for (const sequence of [first - 1, first, first + 3, first + 64]) {
          expect(window.get(sequence), where).toBe(map.get(sequence));
        }
      }
    }
  });

  test("takes no more places than its replies lie apart, however far it has come", () => {
    const window = new ReplyWindow(2);
    for (let sequence = 2; sequence < 100_000; sequence++) {
      window.set(sequence, "done");
      window.forgetBelow(sequence - 5);
    }
    expect([...window].map(([sequence]) => sequence)).toEqual([99_994, 99_995, 99_996, 99_997, 99_998, 99_999]);
  });

  test("comes to an end at the last number that there is: beyond it, counting on would stand still", () => {
    const last = Number.MAX_SAFE_INTEGER;
    for (let ahead = 0; ahead < 20; ahead++) {
      const window = new ReplyWindow(last - ahead);
      window.set(last, "done");
      const replies = window[Symbol.iterator]();
      expect(replies.next().value, `${ahead} ahead`).toEqual([last, "done"]);
      expect(replies.next().done, `${ahead} ahead`).toBe(true);
    }
  });
});
