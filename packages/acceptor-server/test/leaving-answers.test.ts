import { describe, expect, test } from "vitest";
import { LeavingAnswers } from "../src/node/short-way/leaving-answers.ts";

const ticks = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("answers that are ready", () => {
  test("leave when all are made that can be made in this moment, in the order in which they were", async () => {
    const leaving = new LeavingAnswers();
    const order: string[] = [];
    const answer = async (name: string, steps: number) => {
      for (let step = 0; step < steps; step++) await null;
      order.push(`${name} made`);
      leaving.add(() => order.push(`${name} left`));
    };
    await null;
    void answer("late", 5);
    void answer("early", 1);
    await ticks();
    expect(order).toEqual(["early made", "late made", "early left", "late left"]);
  });

  test("do not wait for more than 32, since the senders of the first ones could be asking again", async () => {
    const leaving = new LeavingAnswers();
    const left: number[] = [];
    for (let place = 0; place < 40; place++) {
      leaving.add(() => left.push(place));
      expect(left).toHaveLength(place < 31 ? 0 : 32);
    }
    await ticks();
    expect(left).toEqual(Array.from({ length: 40 }, (_, place) => place));
  });

  test("which is added while others leave goes after them", async () => {
    const leaving = new LeavingAnswers();
    const left: string[] = [];
    leaving.add(() => {
      leaving.add(() => left.push("third"));
      left.push("first");
    });
    leaving.add(() => left.push("second"));
    await ticks();
    expect(left).toEqual(["first", "second", "third"]);
  });
});
