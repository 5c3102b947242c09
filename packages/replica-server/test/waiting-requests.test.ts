import { describe, expect, test } from "vitest";
import { WaitingRequests } from "../src/host/waiting-requests.ts";

describe("those who wait for an answer", () => {
  test("are each taken out once, by a number that nobody else gets", () => {
    const waiting = new WaitingRequests<string>();
    const numbers = Array.from({ length: 1000 }, (_, place) => waiting.add(`w${place}`));
    expect(new Set(numbers).size).toBe(1000);
    for (const [place, number] of numbers.entries()) {
      expect([waiting.take(number), waiting.take(number)]).toEqual([`w${place}`, undefined]);
    }
    expect(waiting.size).toBe(0);
    expect(numbers).not.toContain(waiting.add("later"));
  });

  test("are found however many came and went after them", () => {
    const waiting = new WaitingRequests<string>();
    const patient = waiting.add("patient");
    for (let count = 0; count < 10_000; count++) waiting.take(waiting.add("hasty"));
    expect([waiting.size, waiting.take(patient), waiting.size]).toEqual([1, "patient", 0]);
  });

  test("are nobody by a number that was never given, or is none", () => {
    const waiting = new WaitingRequests<string>();
    const number = waiting.add("one");
    expect([0, number + 1, number + 1000, -1, 1.5, Number.NaN].map((wrong) => waiting.take(wrong))).toEqual(
      new Array(6).fill(undefined),
    );
    expect(waiting.take(number)).toBe("one");
  });

  test("are all taken out at once, in their order, and others may come then", () => {
    const waiting = new WaitingRequests<string>();
    const numbers = Array.from({ length: 600 }, (_, place) => waiting.add(`w${place}`));
    waiting.take(numbers[300] ?? 0);
    const all = waiting.takeAll();
    expect([all.length, all[0], all[300], all.at(-1), waiting.size]).toEqual([599, "w0", "w301", "w599", 0]);
    expect(numbers.map((number) => waiting.take(number)).every((one) => one === undefined)).toBe(true);
    const next = waiting.add("next");
    expect([numbers.includes(next), waiting.take(next)]).toEqual([false, "next"]);
  });
});
